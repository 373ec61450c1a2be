use cached_kit::CacheKey;
use cached_kit::key::KeyWriter;

fn write(trace: &u64, key: &mut KeyWriter) {
    key.display(trace);
}

#[derive(CacheKey)]
struct Page {
    number: u32,
    #[cache_key(skip, with = write)]
    trace: u64,
}

fn main() {}

use cached_kit::CacheKey;
use cached_kit::key::KeyWriter;

fn write(name: &str, key: &mut KeyWriter) {
    key.text(name);
}

#[derive(CacheKey)]
struct Page {
    #[cache_key(with = write)]
    number: u32,
}

fn main() {}

use cached_kit::CacheKey;

#[derive(CacheKey)]
struct Page {
    number: u32,
    #[cache_key]
    trace: u64,
}

fn main() {}

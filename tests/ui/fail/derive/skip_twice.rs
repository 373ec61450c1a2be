use cached_kit::CacheKey;

#[derive(CacheKey)]
struct Page {
    number: u32,
    #[cache_key(skip)]
    #[cache_key(skip)]
    trace: u64,
}

fn main() {}

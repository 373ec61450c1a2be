use cached_kit::CacheKey;

#[derive(CacheKey)]
struct Page {
    number: u32,
    #[cache_key(exclude)]
    trace: u64,
}

fn main() {}

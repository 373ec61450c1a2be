use cached_kit::CacheKey;

#[derive(CacheKey)]
struct Page {
    #[cache_key(rename)]
    number: u32,
}

fn main() {}

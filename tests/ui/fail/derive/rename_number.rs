use cached_kit::CacheKey;

#[derive(CacheKey)]
struct Page {
    #[cache_key(rename = 5)]
    number: u32,
}

fn main() {}

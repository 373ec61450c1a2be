use cached_kit::CacheKey;

#[derive(CacheKey)]
#[cache_key(crate = "cached_kit")]
struct Page {
    number: u32,
}

fn main() {}

use cached_kit::CacheKey;

#[derive(CacheKey)]
struct Id(#[cache_key(rename = "id")] u64);

fn main() {}

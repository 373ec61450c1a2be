use cached_kit::CacheKey;

#[derive(CacheKey)]
struct Page {
    #[cache_key(rename = "id" +)]
    number: u32,
}

fn main() {}

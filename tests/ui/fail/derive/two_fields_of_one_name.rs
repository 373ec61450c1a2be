use cached_kit::CacheKey;

#[derive(CacheKey)]
struct Page {
    #[cache_key(rename = "r#type")]
    first: u32,
    #[cache_key(rename = "kind")]
    number: u32,
    kind: u32,
}

fn main() {}

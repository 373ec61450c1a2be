use cached_kit::CacheKey;

#[derive(CacheKey)]
struct Page {
    #[cache_key(with = |number, key| key.display(number))]
    number: u32,
}

fn main() {}

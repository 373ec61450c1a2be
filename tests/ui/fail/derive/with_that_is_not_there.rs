use cached_kit::CacheKey;

#[derive(CacheKey)]
struct Page {
    #[cache_key(with = hex::write)]
    digest: [u8; 32],
}

fn main() {}

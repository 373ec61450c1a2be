use cached_kit::CacheKey;

#[derive(CacheKey)]
enum Role {
    Guest,
    #[cache_key(rename = "Guest")]
    Member(u64),
}

fn main() {}

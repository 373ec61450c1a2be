use cached_kit::CacheKey;

#[derive(CacheKey)]
enum Role {
    Guest,
    #[cache_key(skip)]
    Member(u64),
}

fn main() {}

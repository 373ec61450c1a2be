use cached_kit::CacheKey;

#[derive(CacheKey)]
struct Page {
    #[cache_key(crate = ::cached_kit)]
    number: u32,
}

fn main() {}

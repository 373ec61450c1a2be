use cached_kit::CacheKey;

struct Pool;

#[derive(CacheKey)]
struct Page {
    number: u32,
    pool: Pool,
}

fn main() {}

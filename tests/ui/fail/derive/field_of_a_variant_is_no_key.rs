use cached_kit::CacheKey;

struct Pool;

#[derive(CacheKey)]
enum Source {
    Nowhere,
    Pool(u8, Pool),
    Pools { pools: Vec<Pool> },
}

fn main() {}

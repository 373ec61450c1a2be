use cached_kit::CacheKey;

struct Pool;

#[derive(CacheKey)]
struct Handle<'a>(&'a Pool);

fn main() {}

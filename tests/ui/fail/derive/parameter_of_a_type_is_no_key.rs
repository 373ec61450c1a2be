use cached_kit::{CacheKey, cached};

struct Pool;

#[derive(CacheKey)]
struct Page<T> {
    number: u32,
    of: Option<T>,
}

#[cached(using = "redis")]
fn f(page: &Page<Pool>) -> u32 {
    page.number
}

fn main() {
    f(&Page { number: 1, of: Some(Pool) });
}

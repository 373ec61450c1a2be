use cached_kit::{CacheKey, cached};

#[derive(CacheKey)]
#[cache_key(skip)]
struct Page {
    number: u32,
}

#[cached(using = "redis")]
fn f(page: &Page) -> u32 {
    page.number
}

fn main() {
    f(&Page { number: 1 });
}

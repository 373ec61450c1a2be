use cached_kit::{CacheKey, cached};

#[derive(CacheKey)]
struct Page {
    #[cache_key(renam = "n", skip = true)]
    number: u32,
    #[cache_key(with = "hex::write", rename = 5)]
    digest: [u8; 32],
}

#[cached(using = "redis")]
fn f(page: &Page) -> u32 {
    page.number
}

fn main() {
    f(&Page { number: 1, digest: [0; 32] });
}

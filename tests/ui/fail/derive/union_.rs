use cached_kit::{CacheKey, cached};

#[derive(Clone, Copy, CacheKey)]
union Id {
    small: u32,
    large: u64,
}

#[cached(using = "redis")]
fn f(id: Id) -> u64 {
    unsafe { u64::from(id.small) }
}

fn main() {
    f(Id { large: 1 });
}

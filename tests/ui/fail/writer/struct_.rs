use cached_kit::{cache_evict, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

#[cache_evict(get(1))]
struct Write;

fn main() {
    let _ = Write;
}

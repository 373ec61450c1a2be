use cached_kit::{cache_evict, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

#[cache_evict(get(id))]
fn write(id: u64) -> impl Future<Output = u64> {
    std::future::ready(id)
}

fn main() {
    drop(write(1));
}

use cached_kit::{cache_evict, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

#[cache_evict(get(id))]
fn write(id: u64) -> u64 {
    let list = vec![id];
    list.
}

fn main() {
    write(1);
}

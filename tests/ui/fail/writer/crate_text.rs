use cached_kit::{cache_evict, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

#[cache_evict(crate = "kit", get(id))]
fn write(id: u64) -> u64 {
    id
}

fn main() {
    write(1);
}

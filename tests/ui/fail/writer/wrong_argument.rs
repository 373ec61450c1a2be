use cached_kit::{cache_evict, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

#[cache_evict(get("1"), get(|id| id.to_string()))]
fn write(id: u64) -> u64 {
    id
}

fn main() {
    write(1);
}

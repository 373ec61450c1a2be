use cached_kit::{cache_put, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

#[cache_put(get)]
fn write(id: u64) -> u64 {
    id
}

fn main() {
    write(1);
}

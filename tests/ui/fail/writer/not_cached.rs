use cached_kit::{cache_evict, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

fn plain(id: u64) -> u64 {
    id
}

#[cache_evict(plain(id), plain, missing(id))]
fn write(id: u64) -> u64 {
    id
}

fn main() {
    plain(1);
    write(1);
}

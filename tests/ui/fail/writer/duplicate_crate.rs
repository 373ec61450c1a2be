use cached_kit::{cache_evict, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

#[cache_evict(crate = cached_kit, get(id), crate = ::cached_kit)]
fn write(id: u64) -> u64 {
    id
}

fn main() {
    write(1);
}

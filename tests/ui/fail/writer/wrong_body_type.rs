use cached_kit::{cache_evict, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

#[cache_evict(get(id))]
fn write(id: u64) -> u64 {
    "text"
}

#[cache_evict(get(id))]
async fn write_later(id: u64) -> u64 {
    if id == 0 {
        return "text";
    }
    id
}

fn main() {
    write(1);
    drop(write_later(1));
}

use cached_kit::{cache_put, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

trait Write {
    #[cache_put(get(id))]
    fn write(&self, id: u64) -> u64;
}

fn main() {}

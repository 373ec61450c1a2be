use cached_kit::{cache_evict, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

#[cached]
fn by_name(name: String) -> String {
    name
}

#[cache_evict(by_name(name))]
fn write(name: String) -> usize {
    name.len()
}

fn main() {
    by_name(String::new());
    write(String::new());
}

use cached_kit::cached;

#[cached(max_bytes = "1TiB", weight = |_| 8)]
fn f(id: u64, name: &str) -> u64 {
    id + name.len() as u64
}

fn main() {
    f(1, "a");
}

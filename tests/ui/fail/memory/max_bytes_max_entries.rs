use cached_kit::cached;

#[cached(max_bytes = "1MiB", weight = |_| 8, max_entries = 10)]
fn f(id: u64, name: &str) -> u64 {
    id + name.len() as u64
}

fn main() {
    f(1, "a");
}

use cached_kit::cached;

#[cached(key = "(String, u64)")]
fn f(id: u64, name: &str) -> u64 {
    id + name.len() as u64
}

fn main() {
    f(1, "a");
}

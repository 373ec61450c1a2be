use cached_kit::cached;

#[cached(using = "redis", max_bytes = "1MiB", weight = |_| 8, policy = lru, priority = |_| 9, on_removal = |_, _| ())]
fn f(id: u64, name: &str) -> u64 {
    id + name.len() as u64
}

fn main() {
    f(1, "a");
}

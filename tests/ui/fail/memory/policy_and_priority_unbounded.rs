use cached_kit::cached;

#[cached(max_entries = unbounded, priority = |_| 9, policy = fifo)]
fn f(id: u64, name: &str) -> u64 {
    id + name.len() as u64
}

fn main() {
    f(1, "a");
}

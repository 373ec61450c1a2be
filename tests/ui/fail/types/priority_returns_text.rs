use cached_kit::cached;

#[cached(priority = |_| "high")]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

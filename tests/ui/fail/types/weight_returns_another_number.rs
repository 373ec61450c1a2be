use cached_kit::cached;

#[cached(max_bytes = 64, weight = |v| *v)]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

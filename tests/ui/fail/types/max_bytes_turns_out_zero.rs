use cached_kit::cached;

const LIMIT: u64 = 64;

#[cached(max_bytes = LIMIT - 64, weight = |_| 8)]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

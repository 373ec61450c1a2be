use cached_kit::cached;

fn limit() -> u64 {
    64
}

#[cached(max_bytes = limit(), weight = |_| 8)]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

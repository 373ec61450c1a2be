use cached_kit::cached;

#[cached(timeout = |v| *v)]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

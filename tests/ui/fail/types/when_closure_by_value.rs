use cached_kit::cached;

#[cached(when = |v: u64| v > 1)]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

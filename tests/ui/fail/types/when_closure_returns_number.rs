use cached_kit::cached;

#[cached(when = |v| *v)]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

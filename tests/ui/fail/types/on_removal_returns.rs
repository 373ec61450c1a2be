use cached_kit::cached;

#[cached(on_removal = |v, _| *v)]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

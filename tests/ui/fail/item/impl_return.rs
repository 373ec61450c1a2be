use cached_kit::cached;

#[cached]
fn f(id: u64) -> impl Iterator<Item = u64> {
    0..id
}

fn main() {
    f(1);
}

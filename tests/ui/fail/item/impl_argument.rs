use cached_kit::cached;

#[cached]
fn f(id: impl Into<u64>) -> u64 {
    id.into()
}

fn main() {
    f(1_u64);
}

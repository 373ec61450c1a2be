use cached_kit::cached;

#[cached]
fn f((a, b): (u64, u64)) -> u64 {
    a + b
}

fn main() {
    f((1, 2));
}

use cached_kit::cached;

#[cached]
fn f(_: u64) -> u64 {
    1
}

fn main() {
    f(1);
}

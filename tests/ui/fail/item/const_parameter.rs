use cached_kit::cached;

#[cached]
fn f<const N: usize>(ids: [u64; N]) -> u64 {
    ids[0]
}

fn main() {
    f([1]);
}

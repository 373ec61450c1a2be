use cached_kit::cached;

#[cached(on_removal = |_, cause: u8| drop(cause))]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

use cached_kit::cached;

#[cached]
fn f<T: Into<u64>>(id: T) -> u64 {
    id.into()
}

fn main() {
    f(1_u64);
}

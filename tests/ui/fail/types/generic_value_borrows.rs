use cached_kit::cached;

#[cached(exclude = [make])]
fn get<T: Clone + Send + Sync>(make: fn() -> T) -> T {
    make()
}

fn main() {
    get(|| 1_u8);
}

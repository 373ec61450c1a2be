use cached_kit::cached;

#[cached(exclude = [make])]
fn get<T: Send + Sync + 'static>(make: fn() -> T) -> T {
    make()
}

fn main() {
    get(|| 1_u8);
}

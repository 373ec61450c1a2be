use cached_kit::cached;

#[cached(exclude = [self])]
fn get(id: u64) -> u64 {
    id
}

fn main() {
    get(1);
}

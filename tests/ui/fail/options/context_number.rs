use cached_kit::cached;

#[cached(context = [5])]
fn get(id: u64) -> u64 {
    id
}

fn main() {
    get(1);
}

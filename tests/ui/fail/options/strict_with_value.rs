use cached_kit::cached;

#[cached(strict = true, include = [id])]
fn get(id: u64) -> u64 {
    id
}

fn main() {
    get(1);
}

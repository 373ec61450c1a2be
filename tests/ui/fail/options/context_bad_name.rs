use cached_kit::cached;

#[cached(context = ["tenant", "the locale"])]
fn get(id: u64) -> u64 {
    id
}

fn main() {
    get(1);
}

use cached_kit::cached;

#[cached(none_timeout = 5)]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

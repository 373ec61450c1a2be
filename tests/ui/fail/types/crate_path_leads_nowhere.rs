use cached_kit::cached;

#[cached(crate = ::cached_kid)]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

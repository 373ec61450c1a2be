use cached_kit::cached;

#[cached(priority = |v: u64| v as u8)]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

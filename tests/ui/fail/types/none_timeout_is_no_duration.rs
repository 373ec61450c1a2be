use cached_kit::cached;

const LIFE: u64 = 5;

#[cached(none_timeout = LIFE)]
fn f(id: u64) -> Option<u64> {
    Some(id)
}

fn main() {
    f(1);
}

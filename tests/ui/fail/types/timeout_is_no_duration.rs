use cached_kit::cached;

const LIFE: u64 = 5;

#[cached(timeout = LIFE)]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

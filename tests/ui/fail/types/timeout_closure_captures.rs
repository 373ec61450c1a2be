use cached_kit::cached;

use std::time::Duration;

#[cached(timeout = |_| Duration::from_secs(id))]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

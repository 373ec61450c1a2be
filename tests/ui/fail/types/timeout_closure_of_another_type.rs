use cached_kit::cached;

use std::time::Duration;

#[cached(timeout = |v: &String| Duration::from_secs(v.len() as u64))]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

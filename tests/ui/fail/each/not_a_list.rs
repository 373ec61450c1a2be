use std::collections::HashMap;

use cached_kit::cached;

#[cached(each = ids)]
fn get(ids: u64) -> HashMap<u64, u64> {
    HashMap::from([(ids, 1)])
}

fn main() {
    get(1);
}

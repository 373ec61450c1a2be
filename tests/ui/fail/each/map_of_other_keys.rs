use std::collections::HashMap;

use cached_kit::cached;

#[cached(each = id in ids)]
fn get(ids: &[u64]) -> HashMap<String, u64> {
    ids.iter().map(|id| (id.to_string(), *id)).collect()
}

fn main() {
    get(&[1]);
}

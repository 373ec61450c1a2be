use cached_kit::cached;

#[cached(each = id in ids)]
fn get(ids: &[u64]) -> u64 {
    ids.iter().sum()
}

fn main() {
    get(&[1]);
}

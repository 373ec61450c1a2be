use cached_kit::cached;

#[cached(each = id in idx)]
fn get(ids: &[u64]) -> Vec<u64> {
    ids.to_vec()
}

fn main() {
    get(&[1]);
}

use cached_kit::cached;

#[cached(each = id in ids)]
fn get(id: u64, ids: &[u64]) -> Vec<u64> {
    ids.iter().map(|each| each + id).collect()
}

fn main() {
    get(1, &[1]);
}

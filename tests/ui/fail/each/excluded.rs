use cached_kit::cached;

#[cached(each = id in ids, include = [kind])]
fn get(ids: &[u64], kind: u8) -> Vec<u64> {
    ids.iter().map(|id| id + u64::from(kind)).collect()
}

fn main() {
    get(&[1], 1);
}

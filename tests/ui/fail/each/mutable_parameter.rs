use cached_kit::cached;

#[cached(each = id in ids, exclude = [out])]
fn get(ids: &[u64], out: &mut u64) -> Vec<u64> {
    *out += 1;
    ids.to_vec()
}

fn main() {
    get(&[1], &mut 1);
}

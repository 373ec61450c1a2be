use cached_kit::cached;

struct Repo;

impl Repo {
    #[cached(each = id in ids, exclude = [self])]
    fn get(self, ids: &[u64]) -> Vec<u64> {
        ids.to_vec()
    }
}

fn main() {
    Repo.get(&[1]);
}

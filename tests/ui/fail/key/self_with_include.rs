use cached_kit::cached;

struct Repo;

impl Repo {
    #[cached(include = [id])]
    fn get(&self, id: u64) -> u64 {
        id
    }
}

fn main() {
    Repo.get(1);
}

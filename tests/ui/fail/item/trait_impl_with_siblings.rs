use cached_kit::cached;

trait Load {
    fn load(&self, id: u64) -> u64;
}

struct Repo;

impl Load for Repo {
    #[cached(exclude = [self])]
    fn load(&self, id: u64) -> u64 {
        id
    }
}

fn main() {
    Repo.load(1);
}

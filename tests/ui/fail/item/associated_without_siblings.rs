use cached_kit::cached;

struct Repo;

impl Repo {
    #[cached]
    fn load(id: u64) -> u64 {
        id
    }
}

fn main() {
    Repo::load(1);
}

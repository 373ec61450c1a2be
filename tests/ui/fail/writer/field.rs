use cached_kit::{cache_evict, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

struct Repo;

impl Repo {
    #[cached(exclude = [self])]
    fn list(&self) -> u64 {
        1
    }

    #[cache_evict(self.list)]
    fn write(&self) {}
}

fn main() {
    Repo.list();
    Repo.write();
}

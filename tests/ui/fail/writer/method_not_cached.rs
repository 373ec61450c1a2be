use cached_kit::{cache_evict, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

struct Repo;

impl Repo {
    fn find(&self, id: u64) -> u64 {
        id
    }

    #[cache_evict(self.find(id), Self::find)]
    fn write(&self, id: u64) {}
}

fn main() {
    Repo.find(1);
    Repo.write(1);
}

use std::pin::Pin;

use cached_kit::{cache_evict, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

struct Repo;

impl Repo {
    #[cached(exclude = [self])]
    fn find(&self, id: u64) -> u64 {
        id
    }

    #[cache_evict(self.find(|id| *id))]
    fn write(&mut self) -> Pin<Box<dyn Future<Output = u64> + '_>> {
        Box::pin(async move {
            let _ = self;
            1
        })
    }
}

fn main() {
    Repo.find(1);
    drop(Repo.write());
}

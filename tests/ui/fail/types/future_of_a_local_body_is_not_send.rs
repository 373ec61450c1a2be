use std::rc::Rc;

use cached_kit::cached;

#[cached]
async fn f(id: u64) -> u64 {
    let local = Rc::new(id);
    std::future::ready(()).await;
    *local
}

struct Repo;

impl Repo {
    #[cached(exclude = [self])]
    async fn get(&self, id: u64) -> u64 {
        let local = Rc::new(id);
        std::future::ready(()).await;
        *local
    }
}

fn is_send<T: Send>(_: T) {}

fn main() {
    is_send(f(1));
    is_send(Repo.get(1));
}

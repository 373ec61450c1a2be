use std::pin::Pin;

use cached_kit::cached;

struct Repo {
    id: u64,
}

impl Repo {
    #[cached(include = [self.id])]
    fn next(self: Pin<&mut Self>) -> u64 {
        self.id
    }
}

fn main() {
    Pin::new(&mut Repo { id: 1 }).next();
}

use cached_kit::cached;

struct Repo {
    id: u64,
}

impl Repo {
    #[cached(include = [self.id])]
    fn next(&mut self) -> u64 {
        self.id
    }
}

fn main() {
    Repo { id: 1 }.next();
}

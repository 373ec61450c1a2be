use cached_kit::cached;

struct Repo {
    id: u64,
}

impl Repo {
    #[cached(include = [self.id], exclude = [self])]
    fn get(&self) -> u64 {
        self.id
    }
}

fn main() {
    Repo { id: 1 }.get();
}

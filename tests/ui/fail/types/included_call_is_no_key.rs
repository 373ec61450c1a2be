use cached_kit::cached;

struct Pool;

struct Name;

impl Pool {
    fn name(&self) -> Name {
        Name
    }
}

#[cached(include = [id, pool.name()])]
fn f(pool: &Pool, id: u64) -> u64 {
    let Name = pool.name();
    id
}

fn main() {
    f(&Pool, 1);
}

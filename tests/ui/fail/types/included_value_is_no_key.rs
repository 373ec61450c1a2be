use cached_kit::cached;

struct Pool {
    name: Name,
}

struct Name;

#[cached(include = [pool.name, id])]
fn f(pool: &Pool, id: u64) -> u64 {
    let Name = pool.name;
    id
}

fn main() {
    f(&Pool { name: Name }, 1);
}

use cached_kit::cached;

struct Pool;

#[cached]
fn f(pool: &Pool, other: Pool) -> u64 {
    let (Pool, Pool) = (pool, other);
    1
}

fn main() {
    f(&Pool, Pool);
}

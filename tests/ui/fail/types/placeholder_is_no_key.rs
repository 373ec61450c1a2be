use cached_kit::cached;

struct Pool;

#[cached(using = "redis", key = "user:{pool}:{id}")]
fn f(pool: &Pool, id: u64) -> u64 {
    let Pool = pool;
    id
}

fn main() {
    f(&Pool, 1);
}

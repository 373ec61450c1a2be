use cached_kit::cached;

struct Pool;

#[cached(using = ["memory", "redis"])]
async fn f(pool: &Pool, id: u64) -> u64 {
    let Pool = pool;
    id
}

fn main() {
    drop(f(&Pool, 1));
}

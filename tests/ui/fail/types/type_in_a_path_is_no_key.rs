use cached_kit::cached;

mod db {
    pub struct Pool;
}

#[cached]
fn f(pool: &crate::db::Pool, id: u64) -> u64 {
    let db::Pool = pool;
    id
}

fn main() {
    f(&db::Pool, 1);
}

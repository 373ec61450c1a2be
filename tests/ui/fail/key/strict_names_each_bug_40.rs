use cached_kit::cached;

struct Db;

#[cached(strict, include = [id], exclude = [db])]
fn get(db: &Db, id: u64, locale: &str, (page, size): (u64, u64)) -> u64 {
    id + page + size
}

fn main() {
    get(&Db, 1, "en", (1, 2));
}

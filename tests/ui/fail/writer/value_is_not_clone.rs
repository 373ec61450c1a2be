use cached_kit::{cache_put, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

struct User;

#[cached]
fn user(id: u64) -> Option<u64> {
    Some(id)
}

#[cache_put(user(id), get(id))]
fn write(id: u64) -> Result<User, String> {
    Err(id.to_string())
}

fn main() {
    user(1);
    write(1).unwrap();
}

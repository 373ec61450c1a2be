use cached_kit::{cache_put, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

struct User(u64);

impl From<User> for u64 {
    fn from(user: User) -> u64 {
        user.0
    }
}

#[cache_put(get(id), get(|user| user.0))]
fn write(id: u64) -> Result<User, String> {
    Ok(User(id))
}

fn main() {
    get(1);
    write(1).unwrap();
}

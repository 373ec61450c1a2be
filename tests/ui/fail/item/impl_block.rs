use cached_kit::cached;

struct User;

#[cached]
impl User {
    fn id(&self) -> u64 {
        1
    }
}

fn main() {
    User.id();
}

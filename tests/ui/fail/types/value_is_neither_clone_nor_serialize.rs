use cached_kit::cached;

struct User;

#[cached]
#[cached(using = "redis")]
fn f(id: u64) -> User {
    let _ = id;
    User
}

fn main() {
    f(1);
}

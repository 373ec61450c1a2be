use cached_kit::cached;

#[derive(Clone)]
struct User;

#[cached(using = "redis")]
async fn f(id: u64) -> Option<User> {
    let _ = id;
    None
}

fn main() {
    drop(f(1));
}

use cached_kit::cached;

struct User;

#[cached]
fn f(id: u64) -> Option<Vec<User>> {
    let _ = id;
    None
}

fn main() {
    f(1);
}

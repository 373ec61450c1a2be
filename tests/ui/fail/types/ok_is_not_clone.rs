use cached_kit::cached;

struct User;

#[cached]
async fn f(id: u64) -> Result<User, std::io::Error> {
    let _ = id;
    Ok(User)
}

fn main() {
    drop(f(1));
}

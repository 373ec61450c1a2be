use cached_kit::cached;

#[derive(Clone, serde::Serialize)]
struct User;

#[cached(using = ["memory", "redis"])]
fn f(id: u64) -> Result<User, String> {
    Err(id.to_string())
}

fn main() {
    let _ = f(1);
}

use cached_kit::cached;

#[cached]
fn f(name: &str) -> u64 {
    name.len()
}

#[cached]
async fn g(name: &str) -> u64 {
    name.len()
}

fn main() {
    f("a");
    drop(g("a"));
}

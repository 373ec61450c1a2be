use cached_kit::cached;

#[cached]
fn f(name: &str) -> Result<u64, &str> {
    name.parse().map_err(|_| name)
}

fn main() {
    let _ = f("a");
}

use cached_kit::cached;

struct Bad<'a>(&'a str);

#[cached]
fn f(name: &str) -> Result<u64, Bad> {
    name.parse().map_err(|_| Bad(name))
}

fn main() {
    let _ = f("a").map_err(|bad| bad.0.len());
}

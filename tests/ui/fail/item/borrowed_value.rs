use cached_kit::cached;

#[cached]
fn f(name: &str) -> &str {
    name
}

fn main() {
    f("a");
}

//! The body reaches the compiler as it is.
use cached_kit::cached;

#[cached]
fn f(name: String) -> usize {
    let trimmed = name.tri();
    trimmed.len()
}

fn main() {
    f("a".into());
}

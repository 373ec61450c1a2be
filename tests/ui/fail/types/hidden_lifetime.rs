use cached_kit::cached;

use std::borrow::Cow;

#[cached]
fn f(name: &str) -> Cow<str> {
    name.into()
}

fn main() {
    f("a");
}

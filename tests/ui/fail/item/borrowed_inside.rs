use cached_kit::cached;

#[cached]
fn f<'a>(name: &'a str) -> Option<std::borrow::Cow<'a, str>> {
    Some(name.into())
}

fn main() {
    f("a");
}

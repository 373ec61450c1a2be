use cached_kit::cached;

#[cached(key = "{out}")]
fn f(out: &mut String) -> usize {
    out.len()
}

fn main() {
    f(&mut String::new());
}

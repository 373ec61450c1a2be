use cached_kit::cached;

#[cached(exclude = [out])]
fn f(id: u64, out: &mut String) -> u64 {
    out.push('a');
    id
}

fn main() {
    f(1, &mut String::new());
}

use cached_kit::cached;

#[cached(when = |v: &String| !v.is_empty())]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

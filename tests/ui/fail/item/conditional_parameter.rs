use cached_kit::cached;

#[cached]
fn f(#[cfg(all())] a: u64) -> u64 {
    a
}

fn main() {
    f(1);
}

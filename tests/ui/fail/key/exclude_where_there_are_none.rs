use cached_kit::cached;

#[cached(exclude = [db])]
fn f() -> u64 {
    1
}

fn main() {
    f();
}

use cached_kit::cached;

#[cached]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f("a");
    f::entry("a");
}

use cached_kit::cached;

const LIMIT: u64 = 5;

#[cached(key = "page:{LIMIT}", exclude = [id])]
fn f(id: u64, name: &str) -> u64 {
    id + name.len() as u64
}

fn main() {
    f(1, "a");
}

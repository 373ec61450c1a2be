use cached_kit::cached;

#[cached(include = [std::process::id()])]
fn f(id: u64, name: &str) -> u64 {
    id + name.len() as u64
}

fn main() {
    f(1, "a");
}

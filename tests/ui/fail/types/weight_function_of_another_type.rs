use cached_kit::cached;

#[cached(max_bytes = 64, weight = str::len)]
fn f(id: u64) -> String {
    id.to_string()
}

fn main() {
    f(1);
}

use cached_kit::cached;

#[cached(timeout = 0)]
#[cached(using = "redis", version = auto)]
fn f(id: u64, name: &str) -> u64 {
    id + name.len() as u64
}

fn main() {
    f(1, "a");
}

use cached_kit::cached;

#[cached(include = [id + u64::from(force_update)])]
fn f(id: u64, force_update: bool) -> u64 {
    id + u64::from(force_update)
}

fn main() {
    f(1, true);
}

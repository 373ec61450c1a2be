use cached_kit::cached;

#[cached(max_bytes = 64, weight = |v| *v as usize + user as usize)]
fn f(user: u64) -> u64 {
    user
}

fn main() {
    f(1);
}

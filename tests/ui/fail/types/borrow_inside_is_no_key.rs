use cached_kit::cached;

struct Pool;

#[cached]
fn f(pools: &[&Pool], id: u64) -> u64 {
    pools.len() as u64 + id
}

fn main() {
    f(&[&Pool], 1);
}

use cached_kit::cached;

#[cached]
fn f(id: u64) -> u64
where
    u64: Copy,
{
    id
}

fn main() {
    f(1);
}

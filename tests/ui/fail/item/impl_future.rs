use cached_kit::cached;

#[cached]
fn f(id: u64) -> impl Future<Output = u64> {
    async move { id }
}

fn main() {
    drop(f(1));
}

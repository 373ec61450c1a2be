use cached_kit::cached;

#[cached(key = "String")]
fn rate(from: &str, to: &str) -> usize {
    from.len() + to.len()
}

fn main() {
    rate("EUR", "USD");
}

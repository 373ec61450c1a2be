use cached_kit::{RemovalCause, cached};

fn heard(_key: &u64, _value: &u64, _cause: RemovalCause) {}

#[cached(on_removal = heard)]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

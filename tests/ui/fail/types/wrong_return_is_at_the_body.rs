use cached_kit::cached;

#[cached]
fn f(id: u64) -> Option<u64> {
    if id == 0 {
        return id;
    }
    Some(id)
}

fn main() {
    f(1);
}

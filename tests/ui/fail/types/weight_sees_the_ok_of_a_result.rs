use cached_kit::cached;

#[cached(max_bytes = 64, weight = |v: &Result<u64, String>| v.iter().count())]
fn f(id: u64) -> Result<u64, String> {
    Ok(id)
}

fn main() {
    let _ = f(1);
}

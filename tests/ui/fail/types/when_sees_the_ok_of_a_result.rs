use cached_kit::cached;

#[cached(when = |v: &Result<u64, String>| v.is_ok())]
fn f(id: u64) -> Result<u64, String> {
    Ok(id)
}

fn main() {
    let _ = f(1);
}

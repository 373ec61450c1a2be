use cached_kit::{cache_put, cached};

#[cached]
fn get(id: u64) -> u64 {
    id
}

#[cache_put(get(id))]
fn write(id: u64) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    write(1).unwrap();
}

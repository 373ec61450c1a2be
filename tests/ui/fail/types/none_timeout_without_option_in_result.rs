use cached_kit::cached;

#[cached(timeout = 60, none_timeout = skip)]
async fn f(id: u64) -> Result<String, std::io::Error> {
    Ok(id.to_string())
}

fn main() {
    drop(f(1));
}

//! The mistake is in the attribute: those who use the function see no more of it.
use cached_kit::cached;

#[cached(timeout = 0)]
#[cached(using = "redis")]
async fn get(id: u64) -> Result<String, std::io::Error> {
    Ok(id.to_string())
}

#[allow(dead_code)]
async fn caller() -> Result<usize, std::io::Error> {
    Ok(get(1).await?.len())
}

fn main() {}

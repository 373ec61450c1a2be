use cached_kit::cached;

#[cached]
const LIMIT: u64 = 5;

fn main() {}

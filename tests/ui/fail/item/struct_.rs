use cached_kit::cached;

#[cached]
struct User {
    _id: u64,
}

fn main() {}

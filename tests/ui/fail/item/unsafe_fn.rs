use cached_kit::cached;

#[cached]
unsafe fn f(id: u64) -> u64 {
    id
}

fn main() {}

use cached_kit::cached;

mod find {
    pub fn one() -> u64 {
        1
    }
}

#[cached]
fn find(id: u64) -> u64 {
    id + find::one()
}

fn main() {
    find(1);
}

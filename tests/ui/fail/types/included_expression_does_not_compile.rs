use cached_kit::cached;

#[cached(include = [name.lenght(), id])]
fn f(name: &str, id: u64) -> u64 {
    name.len() as u64 + id
}

fn main() {
    f("a", 1);
}

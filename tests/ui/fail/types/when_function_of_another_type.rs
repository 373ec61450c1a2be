use cached_kit::cached;

fn worth_it(value: &String) -> bool {
    !value.is_empty()
}

#[cached(when = worth_it)]
fn f(id: u64) -> u64 {
    id
}

fn main() {
    f(1);
}

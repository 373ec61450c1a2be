use cached_kit::cached;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Id(u64);

#[cached(using = "redis")]
async fn f(id: Id) -> u64 {
    id.0
}

fn main() {
    drop(f(Id(1)));
}

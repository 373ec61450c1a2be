use cached_kit::cached;

type Flag = bool;

#[cached]
fn f(id: u64, force_update: Flag) -> u64 {
    id + u64::from(force_update)
}

#[cached]
fn by_reference(id: u64, force_update: &bool) -> u64 {
    id + u64::from(*force_update)
}

#[cached]
fn optional(id: u64, force_update: Option<bool>) -> u64 {
    id + u64::from(force_update == Some(true))
}

fn main() {
    f(1, true);
    by_reference(1, &true);
    optional(1, None);
}

use cached_kit::cached;

use std::collections::HashMap;

struct User;

#[cached]
fn f(id: u64) -> HashMap<u64, std::sync::Mutex<Vec<User>>> {
    let _ = id;
    HashMap::new()
}

fn main() {
    f(1);
}

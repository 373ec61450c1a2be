//! What `#[cache_evict]` and `#[cache_put]` do.

mod arguments;
mod futures;
mod methods;
mod mixed;
mod outcomes;
mod overtaken;
mod patterns;
mod promises;
mod stacked;
mod traits;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// One test after the other: writers change whole functions that others look at.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is cached here, wherever it comes from.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct User {
    id: u64,
    name: String,
}

impl User {
    fn new(id: u64, name: &str) -> Self {
        Self { id, name: name.to_owned() }
    }
}

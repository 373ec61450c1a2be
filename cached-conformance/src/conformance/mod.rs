//! The conformance suite: named checks that every store must pass.
//!
//! The checks know a store only through [`Store`](cached_core::Store), so that they run over memory and over
//! a server of any kind, also with few permissions there. Each works with stores of its own.
//!
//! - [`run`] makes all checks on the calling thread, [`run_async`] on the executor that polls it. A
//!   store should pass both, and the latter on each kind of executor that it supports.
//! - [`checks`] lists them, for a test harness that shows them one at a time.
//!
//! Only the checks of time wait, for some hundred milliseconds in all.

mod callers;
mod check;
mod checked_store;
mod closing;
mod context;
mod counters;
mod deleting;
mod dropped;
mod expiry;
mod failure;
mod keys;
mod lifetimes;
mod many;
mod mixed;
mod random;
mod scopes;
mod sharing;
mod store_factory;
mod together;
mod value;
mod values;

use std::time::Duration;

pub use check::Check;
pub use failure::Failure;
pub use store_factory::StoreFactory;

use cached_core::{Timeout, block_on};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));
const HOUR: Timeout = Timeout::After(Duration::from_secs(3600));

/// Returns all checks, in an order that goes from the simple to the involved.
pub fn checks() -> &'static [Check] {
    check::ALL
}

/// Makes all checks, on the calling thread.
///
/// # Panics
///
/// Panics if the store does not pass, with a list of all [`Failure`]s.
#[track_caller]
pub fn run(factory: &dyn StoreFactory) {
    judge(block_on(failures(factory)));
}

/// Makes all checks, on the executor that polls the future.
///
/// # Panics
///
/// Panics if the store does not pass, with a list of all [`Failure`]s.
pub async fn run_async(factory: &dyn StoreFactory) {
    judge(failures(factory).await);
}

async fn failures(factory: &dyn StoreFactory) -> Vec<Failure> {
    let mut failures = Vec::new();
    for check in checks() {
        failures.extend(check.run_async(factory).await.err());
    }
    failures
}

#[track_caller]
#[allow(clippy::panic, reason = "the documented way to fail a test")]
fn judge(failures: Vec<Failure>) {
    if !failures.is_empty() {
        let list: Vec<_> = failures.iter().map(|failure| format!("\n- {failure}")).collect();
        panic!("{} of {} checks failed:{}", failures.len(), checks().len(), list.concat());
    }
}

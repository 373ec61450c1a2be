//! The thread that removes expired entries of memories that nobody uses.
//!
//! There is one for the process, while any memory needs it, and it needs no runtime.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

/// How long the thread waits between two rounds.
const INTERVAL: Duration = Duration::from_millis(200);

/// Something that is looked after.
pub(super) trait Maintain: Send + Sync {
    /// Does what there is to do, in short steps; tells whether it has to come again.
    fn maintain(&self) -> bool;

    /// Tells whether it has to come again after it was interrupted; false if somebody else has it
    /// come already.
    fn claim(&self) -> bool;
}

#[derive(Default)]
struct Rounds {
    clients: Vec<Weak<dyn Maintain>>,
    running: bool,
}

static ROUNDS: Mutex<Rounds> = Mutex::new(Rounds { clients: Vec::new(), running: false });

fn rounds() -> std::sync::MutexGuard<'static, Rounds> {
    ROUNDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has something looked after until it says that it need not be, or is dropped; false if there is no
/// thread to be had. Then inserts alone remove what has expired.
#[cold]
pub(super) fn register(client: Weak<dyn Maintain>) -> bool {
    let mut rounds = rounds();
    if !rounds.running {
        let name = "cached-kit-maintenance".to_owned();
        rounds.running = thread::Builder::new().name(name).spawn(run).is_ok();
    }
    if rounds.running {
        rounds.clients.push(client);
    }
    rounds.running
}

fn run() {
    loop {
        thread::sleep(INTERVAL);
        let clients = std::mem::take(&mut rounds().clients);
        let stay: Vec<_> = clients.into_iter().filter(needs_more).collect();
        let mut rounds = rounds();
        rounds.clients.extend(stay);
        if rounds.clients.is_empty() {
            rounds.running = false;
            return;
        }
    }
}

fn needs_more(client: &Weak<dyn Maintain>) -> bool {
    // Destructors run in there, also that of the client if nobody else has it any more. One that
    // panics has been reported, and the rest goes on.
    let look = || {
        let Some(client) = client.upgrade() else { return false };
        let maintained = catch_unwind(AssertUnwindSafe(|| client.maintain()));
        maintained.unwrap_or_else(|_| client.claim())
    };
    catch_unwind(AssertUnwindSafe(look)).unwrap_or(false)
}

#[cfg(test)]
pub(super) fn clients() -> usize {
    rounds().clients.len()
}

//! Watching which cached calls a piece of code makes.

mod call;
mod drive;
mod watch;

use std::future::Future;

use crate::context::{Scope, Scoped};
pub use call::ObservedCall;
pub(crate) use drive::Observed;
use watch::{Inside, Log};
pub(crate) use watch::{Note, note};

/// Runs a future, and returns with its output the cached calls that were made in it: those that it
/// made itself and those in their bodies, in the order in which they began.
///
/// Tasks that are spawned in it are not watched. Of nested watches, the outer one sees all that the
/// inner one sees.
///
/// # Examples
///
/// ```
/// # use cached_core as cached_kit;
/// # async fn page(id: u64) -> u64 { id }
/// # cached_kit::block_on(async {
/// let (page, calls) = cached_kit::observe(async { page(1).await }).await;
/// for call in &calls {
///     println!("{call}");
/// }
/// # assert_eq!((page, calls.len()), (1, 0));
/// # });
/// ```
pub fn observe<F: Future>(future: F) -> impl Future<Output = (F::Output, Vec<ObservedCall>)> {
    let log = Log::new();
    let watched = Scoped::new(Watching { log: log.clone() }, future);
    async move {
        let output = watched.await;
        (output, log.calls())
    }
}

/// Calls a function, and returns with its result the cached calls that were made in it, as
/// [`observe`] does for futures.
///
/// # Examples
///
/// ```
/// # use cached_core as cached_kit;
/// # fn page(id: u64) -> u64 { id }
/// let (page, calls) = cached_kit::observe_sync(|| page(1));
/// assert_eq!((page, calls.len()), (1, 0));
/// ```
pub fn observe_sync<T>(f: impl FnOnce() -> T) -> (T, Vec<ObservedCall>) {
    let log = Log::new();
    let inside = Inside::begin(&log);
    let output = f();
    drop(inside);
    (output, log.calls())
}

/// Code that is watched.
struct Watching {
    log: Log,
}

impl Scope for Watching {
    type Inside<'s> = Inside;

    fn enter(&mut self) -> Inside {
        Inside::begin(&self.log)
    }
}

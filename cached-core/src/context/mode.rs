//! What all calls in a part of the program may do with their caches.

use std::cell::Cell;
use std::future::Future;

use super::{MODE, Scope, Scoped, replace_flag};

thread_local! {
    static CURRENT: Cell<Mode> = const { Cell::new(Mode::Normal) };
}

/// What cached calls do with their caches, in a part of the program: those that its code makes,
/// those in their bodies, and so on.
///
/// - [`scope`](Self::scope) sets it for a future and [`sync_scope`](Self::sync_scope) for a
///   function. Of nested scopes the innermost counts.
/// - A task that is spawned begins in the normal mode; `Mode::current().scope(task)` takes the mode
///   of the code that spawns it along.
/// - A request for one call (`f::force_update`, a `force_update` parameter, or
///   [`ForceUpdate`](crate::ForceUpdate)) is stronger than a mode, but for `Bypass`.
/// - Handles of entries and stores do what they are told in every mode.
///
/// # Examples
///
/// ```
/// # use cached_core as cached_kit;
/// use cached_kit::Mode;
///
/// # fn report() -> u64 { 1 }
/// # async fn page() -> u64 { 1 }
/// # cached_kit::block_on(async {
/// let fresh = Mode::ForceUpdate.sync_scope(|| report());
/// let page = Mode::ReadOnly.scope(async { page().await + report() }).await;
/// # assert_eq!((fresh, page), (1, 2));
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// Calls read, wait for one another, compute and store: what they do outside of every scope.
    #[default]
    Normal,
    /// Every call computes, and replaces what is stored in every layer.
    ForceUpdate,
    /// Calls read. What they do not find they compute, each for itself, and nothing is stored; what
    /// one layer has is not given to the others either.
    ReadOnly,
    /// Calls read nothing. They compute, each for itself, and store as usual.
    WriteOnly,
    /// Calls compute. They neither read nor store nor wait for one another.
    Bypass,
}

impl Mode {
    /// Returns the mode of the running code.
    pub fn current() -> Self {
        CURRENT.get()
    }

    /// Returns a future that runs in this mode whenever it is polled.
    pub fn scope<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        Scoped::new(self, future)
    }

    /// Calls a function in this mode.
    pub fn sync_scope<T>(self, f: impl FnOnce() -> T) -> T {
        let _inside = Inside::of(self);
        f()
    }
}

impl Scope for Mode {
    type Inside<'s> = Inside;

    fn enter(&mut self) -> Inside {
        Inside::of(*self)
    }
}

/// The running code is in a mode, until this is dropped.
pub(crate) struct Inside {
    before: Mode,
}

impl Inside {
    fn of(mode: Mode) -> Self {
        Self { before: replace(mode) }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        replace(self.before);
    }
}

fn replace(mode: Mode) -> Mode {
    replace_flag(MODE, mode != Mode::Normal);
    CURRENT.replace(mode)
}

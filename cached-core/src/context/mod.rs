//! What the surroundings of a call say about it: a request to compute, a mode, somebody who watches,
//! parts of keys.
//!
//! All of it belongs to the running code and not to the thread: a future that has a scope sets it
//! while it is polled, and takes it back before the poll returns. A hit reads one byte, which says
//! that there is nothing, as there nearly always is.

mod force;
mod key_context;
mod key_part;
mod mode;
mod scoped;

use std::cell::Cell;

pub use force::{ForceUpdate, Forced, Held, force_update, held};
pub use key_context::{KeyContext, KeyContextScope};
pub use key_part::ContextPart;
pub use mode::Mode;
pub(crate) use scoped::{Scope, Scoped};

/// The next call is to compute.
const FORCE: u8 = 1;
/// The mode is another one than the usual.
const MODE: u8 = 2;
/// Somebody watches the calls.
const WATCHED: u8 = 4;

thread_local! {
    // Without a destructor, so that reading it is one instruction, and so that the destructors of
    // others can still call.
    static FLAGS: Cell<u8> = const { Cell::new(0) };
}

/// Tells whether the surroundings of the running code say anything about its calls.
#[inline]
pub(crate) fn says_something() -> bool {
    FLAGS.get() != 0
}

/// Sets a flag and returns what it was.
fn replace_flag(flag: u8, on: bool) -> bool {
    let before = FLAGS.get();
    FLAGS.set(if on { before | flag } else { before & !flag });
    before & flag != 0
}

/// Says whether somebody watches the calls of the running code, and returns what was said before.
pub(crate) fn replace_watched(on: bool) -> bool {
    replace_flag(WATCHED, on)
}

/// What the surroundings of a call say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) force: bool,
    pub(crate) mode: Mode,
    pub(crate) watched: bool,
}

/// Asks on behalf of a call that begins: a request to compute is for this one and no other.
pub(crate) fn ask() -> Asked {
    let flags = FLAGS.get();
    FLAGS.set(flags & !FORCE);
    let mode = if flags & MODE == 0 { Mode::Normal } else { Mode::current() };
    Asked { force: flags & FORCE != 0, mode, watched: flags & WATCHED != 0 }
}

#[cfg(test)]
mod tests;

//! Annotated functions that are called at the same time, cancelled, forced, and changed meanwhile.
#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests fail as tests do")]

mod support;

mod brittle;
mod cancelled;
mod coalesced;
mod errors;
mod fenced;
mod forced;
mod lifetimes;
mod recursive;
mod reentrant;
mod stores;
mod thread_end;
mod wakers;
mod writers;

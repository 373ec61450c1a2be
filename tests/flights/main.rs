//! Annotated functions that are called at the same time, cancelled, forced, and changed meanwhile.

mod support;

mod cancelled;
mod coalesced;
mod errors;
mod fenced;
mod forced;
mod lifetimes;
mod recursive;
mod reentrant;
mod stores;

//! Models of the memory engine's unsafe core.
//!
//! The sources of `cached-core/src/memory/raw` are compiled here as they are, on `loom` in the
//! place of the standard library's atomics, locks and threads. Each test is one model: loom runs
//! it in every order of steps, and with every value that a load may return, within a bound on how
//! often a thread is interrupted.

#![cfg(test)]

mod memory;

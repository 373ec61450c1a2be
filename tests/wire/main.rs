//! What lies outside the process, byte for byte: keys and entries as `docs/wire-format.md` has them.
//!
//! `vectors.json` was made once. A test that disagrees with it has found a change of the format,
//! which needs a new format version, and not a new file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this is a test, also the functions that the tests share"
)]

mod compressed;
mod derived;
mod empty;
mod entries;
mod foreign;
mod keys;
mod own;
mod prefixes;
mod python;
mod readers;
mod setup;
mod shapes;
mod texts;
mod vectors;

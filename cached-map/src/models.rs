//! The unsafe core alone, with `cfg(loom)`: the root of the package `cached-map-models`.
//!
//! Each test is one model: loom runs it in every order of steps, and with every value that a load may return, within a
//! bound on how often a thread is interrupted.

mod raw;

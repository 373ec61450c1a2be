//! The algorithm, step by step: every interleaving is polled by hand, and time stands still unless a
//! test moves it.

mod batch;
mod cancel;
mod conducts;
mod explained;
mod fences;
mod layers;
mod owed;
mod rig;
mod script;
mod stress;
mod turns;

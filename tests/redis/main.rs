//! Annotated functions over a real Redis, in good times and bad.

mod failures;
mod fixture;
mod layers;
mod runtimes;
mod single;

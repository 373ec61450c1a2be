//! What the expansions of the macros name: the items of [`private`], macros that hold their fixed parts, and the changes of writers.

#[doc(hidden)]
pub mod private;
mod rules;
mod writer;

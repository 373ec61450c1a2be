//! Every kind of function with every kind of generics, in memory and over a store (bugs 36 and 70).
//!
//! A module has the functions of one kind, one for each kind of generics and a second one, `.._far`,
//! that has a store besides. [`cell::Cell::check`] says what each of them must do.

#[macro_use]
mod checks;

mod async_functions;
mod async_in_traits;
mod async_methods;
mod async_traits;
mod cell;
mod functions;
mod methods;
mod traits;

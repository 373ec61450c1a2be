//! Code that the attribute must not get in the way of.

mod conditional;
mod early_return;
mod errors_need_nothing;
mod function_names;
mod inner_attributes;
mod macro_generated;
mod memory_options;
mod shadowed_names;
mod strict_lints;

//! Any steps, on the bounded map and on a plain one; everything is checked after each.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cached_map::fuzz(bytes));

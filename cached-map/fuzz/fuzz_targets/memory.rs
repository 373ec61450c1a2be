//! Any steps, on a memory and on a plain map; everything is checked after each.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cached_core::private::fuzz_memory(bytes));

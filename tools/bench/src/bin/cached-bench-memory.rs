//! The part of `cached-bench memory` that counts: its allocator would slow everything else down.

use std::process::ExitCode;

fn main() -> ExitCode {
    cached_bench::count_memory(|work| allocation_counter::measure(work).bytes_current)
}

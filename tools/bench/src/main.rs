//! See the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    cached_bench::main()
}

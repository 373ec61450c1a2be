//! `cargo xtask chaos`.

use clap::Args;

use crate::shell;

/// The variables by which the test is told its seeds; see `tests/chaos/seeds.rs`.
const SEEDS: &str = "CACHED_CHAOS_SEEDS";
const FIRST: &str = "CACHED_CHAOS_FIRST_SEED";
/// The test that reads them; the others of the program would only be repeated.
const TEST: &str = "calls_in_chaos";

/// Which seeds the test tries.
#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seeds {
    /// How many seeds; each takes ten seconds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) seeds: u64,
    /// The first seed
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) first: u64,
}

/// Runs `tests/chaos` with more seeds than among the other tests.
pub(crate) fn chaos(choice: Seeds) -> Result<(), String> {
    let args = ["test", "--package", "cached-kit", "--all-features", "--test", "chaos", TEST];
    let mut command = shell::cargo(&args);
    command.args(["--", "--nocapture"]);
    command.env(SEEDS, choice.seeds.to_string()).env(FIRST, choice.first.to_string());
    shell::run(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_that_is_run_is_there_and_reads_the_variables() {
        let source = |file| std::fs::read_to_string(shell::root().join(file)).unwrap();
        assert!(source("tests/chaos/main.rs").contains(&format!("fn {TEST}")));
        let seeds = source("tests/chaos/seeds.rs");
        assert!(seeds.contains(SEEDS) && seeds.contains(FIRST));
    }
}

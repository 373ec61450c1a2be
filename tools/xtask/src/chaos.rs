//! What `cargo xtask chaos` does.

use std::process::ExitCode;

use crate::shell;

/// How the test is told which seeds to try; see `tests/chaos/seeds.rs`.
const SEEDS: &str = "CACHED_CHAOS_SEEDS";
const FIRST: &str = "CACHED_CHAOS_FIRST_SEED";
/// The test that goes by them; the others of the program would only be repeated.
const TEST: &str = "calls_in_chaos";

/// How many seeds are tried, and with which to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice {
    seeds: u64,
    first: u64,
}

/// Runs `tests/chaos` with more seeds than among the other tests.
pub(crate) fn chaos(args: &[&str]) -> ExitCode {
    let choice = match parse(args) {
        Ok(choice) => choice,
        Err(why) => return crate::refuse(&why),
    };
    let args = ["test", "--package", "cached-kit", "--all-features", "--test", "chaos", TEST];
    let mut command = shell::cargo(&args);
    command.args(["--", "--nocapture"]);
    command.env(SEEDS, choice.seeds.to_string()).env(FIRST, choice.first.to_string());
    match shell::run(&mut command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\nerror: {why}");
            ExitCode::FAILURE
        }
    }
}

fn parse(args: &[&str]) -> Result<Choice, String> {
    let mut choice = Choice { seeds: 0, first: 1 };
    let mut rest = args.iter();
    while let Some(name) = rest.next() {
        let place = match *name {
            "--seeds" => &mut choice.seeds,
            "--first" => &mut choice.first,
            name => return Err(format!("`chaos` takes `--seeds` and `--first`, not `{name}`")),
        };
        let number = rest.next().and_then(|number| number.parse().ok());
        *place = number.ok_or_else(|| format!("`{name}` needs a number"))?;
    }
    match choice.seeds {
        0 => {
            Err("`chaos` needs `--seeds` and how many, each of which takes ten seconds".to_owned())
        }
        _ => Ok(choice),
    }
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

    #[test]
    fn seeds_are_chosen_by_number() {
        assert_eq!(parse(&["--seeds", "200"]), Ok(Choice { seeds: 200, first: 1 }));
        let choice = Choice { seeds: 1, first: 106 };
        assert_eq!(parse(&["--first", "106", "--seeds", "1"]), Ok(choice));
    }

    #[test]
    fn what_is_no_number_of_seeds_is_refused() {
        let refused = |args: &[&str]| parse(args).unwrap_err();
        assert!(refused(&[]).contains("needs `--seeds`"));
        assert!(refused(&["--first", "3"]).contains("needs `--seeds`"));
        assert_eq!(refused(&["--seeds"]), "`--seeds` needs a number");
        assert_eq!(refused(&["--seeds", "many"]), "`--seeds` needs a number");
        assert!(refused(&["--seed", "3"]).ends_with("not `--seed`"));
    }
}

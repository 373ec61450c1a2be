//! The commands that people and CI run in this repository: `cargo xtask test`, `soak`, `chaos`, `fuzz`.

mod chaos;
mod clock;
mod components;
mod count;
mod examples;
mod fuzz;
mod house;
mod leftovers;
mod programs;
mod shell;
mod soak;
mod steps;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The commands that people and CI run in this repository.
#[derive(Debug, Parser)]
#[command(name = "xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
enum Command {
    /// Check format, lints, tests, docs and examples, as CI does; fuzz a little
    Test,
    /// Use small caches of short-lived entries for a minute
    Soak,
    /// Call functions whose Redis fails, for ten seconds with each of some seeds
    Chaos(chaos::Seeds),
    /// Fuzz the memory engine for two minutes
    Fuzz,
}

fn main() -> ExitCode {
    let outcome = match Args::parse().command {
        // It ends with the count of tests, also when it fails.
        Command::Test => return steps::test(),
        Command::Soak => soak::soak(),
        Command::Chaos(seeds) => chaos::chaos(seeds),
        Command::Fuzz => fuzz::at_length(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\nerror: {why}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;

    fn parsed(line: &str) -> Result<Command, clap::Error> {
        Args::try_parse_from(line.split(' ')).map(|args| args.command)
    }

    #[test]
    fn the_definition_of_the_arguments_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_help_names_every_command() {
        let help = Args::command().render_help().to_string();
        assert!(help.contains("Usage: cargo xtask <COMMAND>"), "{help}");
        for name in ["test", "soak", "chaos", "fuzz"] {
            assert!(help.contains(&format!("\n  {name} ")), "{help}");
        }
    }

    #[test]
    fn only_chaos_takes_arguments() {
        for (name, command) in
            [("test", Command::Test), ("soak", Command::Soak), ("fuzz", Command::Fuzz)]
        {
            assert_eq!(parsed(&format!("xtask {name}")).unwrap(), command);
            let refused = parsed(&format!("xtask {name} --seeds 3")).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::UnknownArgument, "{refused}");
        }
        let kinds = ["xtask", "xtask chao"].map(|line| parsed(line).unwrap_err().kind());
        assert_eq!(kinds[0], ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
        assert_eq!(kinds[1], ErrorKind::InvalidSubcommand);
    }

    #[test]
    fn seeds_are_chosen_by_number() {
        let seeds = |line| match parsed(line) {
            Ok(Command::Chaos(seeds)) => seeds,
            other => panic!("{other:?}"),
        };
        let chosen = seeds("xtask chaos --seeds 200");
        assert_eq!(chosen, chaos::Seeds { seeds: 200, first: 1 });
        let chosen = seeds("xtask chaos --first 106 --seeds 1");
        assert_eq!(chosen, chaos::Seeds { seeds: 1, first: 106 });
    }

    #[test]
    fn other_seeds_are_refused_with_the_option_named() {
        for (line, kind, part) in [
            ("xtask chaos", ErrorKind::MissingRequiredArgument, "--seeds"),
            ("xtask chaos --first 3", ErrorKind::MissingRequiredArgument, "--seeds"),
            ("xtask chaos --seeds", ErrorKind::InvalidValue, "--seeds"),
            ("xtask chaos --seeds many", ErrorKind::ValueValidation, "many"),
            ("xtask chaos --seeds 0", ErrorKind::ValueValidation, "--seeds"),
            ("xtask chaos --seed 3", ErrorKind::UnknownArgument, "--seed"),
        ] {
            let error = parsed(line).unwrap_err();
            assert_eq!(error.kind(), kind, "{line}");
            assert!(error.to_string().contains(part), "{error}");
            assert_eq!(error.exit_code(), 2);
        }
    }
}

//! The commands people and CI run in this repository: `cargo xtask test`, `soak`,
//! `chaos`, `fuzz`.

mod chaos;
mod clock;
mod components;
mod count;
mod examples;
mod fuzz;
mod leftovers;
mod programs;
mod shell;
mod soak;
mod steps;

use std::env;
use std::process::ExitCode;

type Command = (&'static str, &'static str, Run);

/// The function that does it.
enum Run {
    Alone(fn() -> ExitCode),
    /// It takes arguments, which are shown so in the usage.
    With(&'static str, fn(&[&str]) -> ExitCode),
}

/// Every command: its name, what it does, how it is run.
const COMMANDS: &[Command] = &[
    (
        "test",
        "check format, lints, tests, docs and examples, as CI does; fuzz a little",
        Run::Alone(steps::test),
    ),
    ("soak", "use small caches of short-lived entries for a minute", Run::Alone(soak::soak)),
    (
        "chaos",
        "call functions whose Redis fails, for ten seconds with each of N seeds, from S or 1",
        Run::With("--seeds N [--first S]", chaos::chaos),
    ),
    ("fuzz", "fuzz the memory engine for two minutes", Run::Alone(fuzz::at_length)),
];

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--help" | "-h" | "help"] => {
            print!("{}", usage());
            ExitCode::SUCCESS
        }
        [] => refuse("a command is missing"),
        [name, ref args @ ..] => match find(name, args) {
            Ok(Run::Alone(run)) => run(),
            Ok(Run::With(_, run)) => run(args),
            Err(why) => refuse(&why),
        },
    }
}

/// Returns how a command is run with these arguments, or says why it cannot be.
fn find(name: &str, args: &[&str]) -> Result<&'static Run, String> {
    let command = COMMANDS.iter().find(|command| command.0 == name);
    match (command, args) {
        (Some((_, _, Run::Alone(_))), [extra, ..]) => {
            Err(format!("`{extra}` is too much; `{name}` takes no arguments"))
        }
        (Some(command), _) => Ok(&command.2),
        (None, _) => Err(format!("there is no command `{name}`")),
    }
}

/// Says what is wrong with a command, and what the commands are.
pub(crate) fn refuse(why: &str) -> ExitCode {
    eprint!("error: {why}\n\n{}", usage());
    ExitCode::from(2)
}

fn usage() -> String {
    let mut text = "usage: cargo xtask COMMAND\n\ncommands:\n".to_owned();
    for (name, about, run) in COMMANDS {
        text += &format!("  {name:<8}{about}\n");
        if let Run::With(args, _) = run {
            text += &format!("  {:<8}{name} {args}\n", "");
        }
    }
    text + "  --help  show this\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usage_names_every_command() {
        for (name, _, _) in COMMANDS {
            assert!(usage().contains(&format!("\n  {name} ")), "{}", usage());
        }
    }

    #[test]
    fn only_chaos_takes_arguments() {
        let refused = |name, args| find(name, args).err();
        for (name, _, _) in COMMANDS {
            assert_eq!(refused(name, &[]), None);
            let with = refused(name, &["--seeds", "3"]);
            let expected = format!("`--seeds` is too much; `{name}` takes no arguments");
            assert_eq!(with, (*name != "chaos").then_some(expected));
        }
        assert_eq!(refused("chao", &[]), Some("there is no command `chao`".to_owned()));
    }
}

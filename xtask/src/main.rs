//! The commands people and CI run in this repository: `cargo xtask test`, `soak`, `fuzz`.

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

type Command = (&'static str, &'static str, fn() -> ExitCode);

/// Every command: its name, what it does, the function that does it.
const COMMANDS: &[Command] = &[
    (
        "test",
        "check format, lints, tests, docs and examples, as CI does; fuzz a little",
        steps::test,
    ),
    ("soak", "use small caches of short-lived entries for a minute", soak::soak),
    ("fuzz", "fuzz the memory engine for two minutes", fuzz::at_length),
];

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--help" | "-h" | "help"] => {
            print!("{}", usage());
            ExitCode::SUCCESS
        }
        [] => refuse("a command is missing"),
        [name] => match COMMANDS.iter().find(|command| command.0 == name) {
            Some(command) => command.2(),
            None => refuse(&format!("there is no command `{name}`")),
        },
        [_, extra, ..] => refuse(&format!("`{extra}` is too much; commands take no arguments")),
    }
}

fn refuse(why: &str) -> ExitCode {
    eprint!("error: {why}\n\n{}", usage());
    ExitCode::from(2)
}

fn usage() -> String {
    let mut text = "usage: cargo xtask COMMAND\n\ncommands:\n".to_owned();
    for (name, about, _) in COMMANDS {
        text += &format!("  {name:<8}{about}\n");
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
}

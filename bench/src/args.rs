//! What the command line asks for.

use std::path::PathBuf;

pub(crate) const HELP: &str = "\
Measures cached-kit and its peers side by side.

Usage: cargo run --release -p cached-bench -- <COMMAND> [OPTIONS]

Commands:
  hits     Hits in memory: cached-kit, cached, moka, quick_cache
  redis    Hits in Redis: cached-kit, cached, bare redis; starts a server of its own

Options:
  --json FILE    Also writes the figures to FILE
  --quick        Measures fewer rounds: for a look, not for a record
  -h, --help     Prints this
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Help,
    Run(Run),
}

/// What to measure.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) bench: Bench,
    pub(crate) json: Option<PathBuf>,
    pub(crate) quick: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bench {
    Hits,
    Redis,
}

/// Reads the arguments; everything that is wrong with them is in one message.
pub(crate) fn parse(args: impl IntoIterator<Item = String>) -> Result<Request, String> {
    let (mut benches, mut json, mut quick, mut wrong) = (Vec::new(), None, false, Vec::new());
    let mut args = args.into_iter().peekable();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-h" | "--help" => return Ok(Request::Help),
            "hits" => benches.push(Bench::Hits),
            "redis" => benches.push(Bench::Redis),
            "--quick" => quick = true,
            "--json" => match args.next_if(|file| !file.starts_with('-')) {
                Some(file) => json = Some(PathBuf::from(file)),
                None => wrong.push("`--json` needs a file".to_owned()),
            },
            flag if flag.starts_with('-') => wrong.push(format!("unknown option `{flag}`")),
            command => wrong.push(format!("unknown command `{command}`")),
        }
    }
    match (benches.as_slice(), wrong.is_empty()) {
        (&[bench], true) => return Ok(Request::Run(Run { bench, json, quick })),
        (&[_], false) => {}
        ([], true) => wrong.push("no command".to_owned()),
        ([], false) => {}
        (_, _) => wrong.push("more than one command".to_owned()),
    }
    Err(format!(
        "{}; the commands are `hits` and `redis`, the options `--json FILE`, `--quick` and `--help`",
        wrong.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Request, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_command_and_its_options_come_in_any_order() {
        let run = |bench, json: Option<&str>, quick| {
            Ok(Request::Run(Run { bench, json: json.map(PathBuf::from), quick }))
        };
        assert_eq!(parsed("hits"), run(Bench::Hits, None, false));
        assert_eq!(parsed("--json a.json redis --quick"), run(Bench::Redis, Some("a.json"), true));
        assert_eq!(parsed("hits what --help"), Ok(Request::Help));
    }

    #[test]
    fn all_mistakes_are_in_one_error() {
        let error = parsed("hit --fast --json").unwrap_err();
        for part in ["`hit`", "`--fast`", "`--json` needs a file", "the commands are `hits` and"] {
            assert!(error.contains(part), "{error}");
        }
        assert!(parsed("").unwrap_err().starts_with("no command; "));
        assert!(parsed("hits redis").unwrap_err().starts_with("more than one command; "));
        assert!(parsed("hits --json --quick").unwrap_err().starts_with("`--json` needs"));
    }
}

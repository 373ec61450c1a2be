//! What the command line asks for.

use std::path::PathBuf;

pub(crate) const HELP: &str = "\
Measures cached-kit and its peers side by side.

Usage: cargo run --release -p cached-bench -- <COMMAND> [OPTIONS]

Commands:
  hits         Hits in memory, at 1 and 2 threads; ends with what the design wants of memory
  misses       Insertions with eviction, and calls that all miss
  contention   One hot key, and reads with insertions among them, at 1, 2 and 4 threads
  hit-ratio    The share of hits on generated and recorded traces
  memory       Bytes per entry
  compile      Seconds to build 200 annotated functions
  redis        Hits in Redis; starts a server of its own

Options:
  --json FILE    Also writes the figures to FILE
  --svg DIR      Also draws each table as a chart in DIR
  --quick        Measures fewer rounds: for a look, not for a record
  --policies     hit-ratio: all eviction policies of cached-kit, not only the default
  --trace FILE   hit-ratio: also replays FILE, one key per line or, if it ends in `.lis`, in the
                 form of the ARC traces; may be repeated
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
    pub(crate) svg: Option<PathBuf>,
    pub(crate) quick: bool,
    pub(crate) policies: bool,
    pub(crate) traces: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bench {
    Hits,
    Misses,
    Contention,
    HitRatio,
    Memory,
    Compile,
    Redis,
}

impl Bench {
    const ALL: [Self; 7] = [
        Self::Hits,
        Self::Misses,
        Self::Contention,
        Self::HitRatio,
        Self::Memory,
        Self::Compile,
        Self::Redis,
    ];

    /// The name of the command.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hits => "hits",
            Self::Misses => "misses",
            Self::Contention => "contention",
            Self::HitRatio => "hit-ratio",
            Self::Memory => "memory",
            Self::Compile => "compile",
            Self::Redis => "redis",
        }
    }
}

/// Reads the arguments; everything that is wrong with them is in one message.
pub(crate) fn parse(args: impl IntoIterator<Item = String>) -> Result<Request, String> {
    let (mut benches, mut wrong) = (Vec::new(), Vec::new());
    let (mut json, mut svg, mut traces) = (None, None, Vec::new());
    let (mut quick, mut policies) = (false, false);
    let mut args = args.into_iter().peekable();
    while let Some(arg) = args.next() {
        let mut path = |what| match args.next_if(|path| !path.is_empty() && !path.starts_with('-'))
        {
            Some(path) => Some(PathBuf::from(path)),
            None => {
                wrong.push(format!("`{arg}` needs a {what}"));
                None
            }
        };
        match arg.as_str() {
            "-h" | "--help" => return Ok(Request::Help),
            "--quick" => quick = true,
            "--policies" => policies = true,
            "--json" => json = path("file"),
            "--svg" => svg = path("directory"),
            "--trace" => traces.extend(path("file")),
            flag if flag.starts_with('-') => wrong.push(format!("unknown option `{flag}`")),
            command => match Bench::ALL.into_iter().find(|bench| bench.name() == command) {
                Some(bench) => benches.push(bench),
                None => wrong.push(format!("unknown command `{command}`")),
            },
        }
    }
    let bench = match *benches.as_slice() {
        [bench] => Some(bench),
        [] if wrong.is_empty() => {
            wrong.push("no command".to_owned());
            None
        }
        [] => None,
        _ => {
            wrong.push("more than one command".to_owned());
            None
        }
    };
    for (option, given) in [("--policies", policies), ("--trace", !traces.is_empty())] {
        if given && bench.is_some_and(|bench| bench != Bench::HitRatio) {
            wrong.push(format!("`{option}` goes with `hit-ratio` only"));
        }
    }
    match bench {
        Some(bench) if wrong.is_empty() => {
            Ok(Request::Run(Run { bench, json, svg, quick, policies, traces }))
        }
        _ => Err(complaint(&wrong)),
    }
}

/// Says what is wrong, and what would be right.
fn complaint(wrong: &[String]) -> String {
    let commands = Bench::ALL.map(|bench| format!("`{}`", bench.name())).join(", ");
    format!(
        "{}; the commands are {commands}, the options `--json FILE`, `--svg DIR`, `--quick`, \
         `--policies`, `--trace FILE` and `--help`",
        wrong.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Request, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    fn plain(bench: Bench) -> Run {
        Run { bench, json: None, svg: None, quick: false, policies: false, traces: Vec::new() }
    }

    #[test]
    fn a_command_and_its_options_come_in_any_order() {
        assert_eq!(parsed("hits"), Ok(Request::Run(plain(Bench::Hits))));
        let redis = Run { json: Some("a.json".into()), quick: true, ..plain(Bench::Redis) };
        assert_eq!(parsed("--json a.json redis --quick"), Ok(Request::Run(redis)));
        assert_eq!(parsed("hits what --help"), Ok(Request::Help));
        let ratio = Run {
            svg: Some("dir".into()),
            policies: true,
            traces: vec!["a".into(), "b.lis".into()],
            ..plain(Bench::HitRatio)
        };
        let line = "--trace a --svg dir hit-ratio --policies --trace b.lis";
        assert_eq!(parsed(line), Ok(Request::Run(ratio)));
    }

    #[test]
    fn every_command_is_found_by_its_name_and_in_the_help() {
        for bench in Bench::ALL {
            assert_eq!(parsed(bench.name()), Ok(Request::Run(plain(bench))));
            assert!(HELP.contains(&format!("\n  {} ", bench.name())), "{}", bench.name());
        }
    }

    #[test]
    fn all_mistakes_are_in_one_error() {
        let error = parsed("hit --fast --json").unwrap_err();
        for part in ["`hit`", "`--fast`", "`--json` needs a file", "the commands are `hits`, "] {
            assert!(error.contains(part), "{error}");
        }
        assert!(parsed("").unwrap_err().starts_with("no command; "));
        assert!(parsed("hits redis").unwrap_err().starts_with("more than one command; "));
        assert!(parsed("hits --json --quick").unwrap_err().starts_with("`--json` needs"));
        assert!(parsed("memory --svg").unwrap_err().starts_with("`--svg` needs a directory"));
        let error = parsed("hits --trace a --policies").unwrap_err();
        assert!(error.starts_with("`--policies` goes with `hit-ratio` only, `--trace` goes with"));
    }
}

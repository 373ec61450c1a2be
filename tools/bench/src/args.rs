//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Measures cached-kit and its peers side by side.
#[derive(Debug, Parser, PartialEq, Eq)]
#[command(name = "cached-bench", bin_name = "cargo run --release -p cached-bench --")]
pub(crate) struct Run {
    #[command(subcommand)]
    pub(crate) bench: Bench,
    /// Also write the figures to a file
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Also draw each table as a chart in a directory
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) svg: Option<PathBuf>,
    /// Measure fewer rounds: for a look, not for a record
    #[arg(long, global = true)]
    pub(crate) quick: bool,
}

/// What to measure.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Bench {
    /// Hits in memory, at 1 and 2 threads; end with what the design wants of memory
    Hits,
    /// Insertions with eviction, and calls that all miss
    Misses,
    /// One hot key, and reads with insertions among them, at 1, 2 and 4 threads
    Contention,
    /// The share of hits on generated and recorded traces
    HitRatio(HitRatio),
    /// Bytes per entry
    Memory,
    /// Seconds to build 200 annotated functions
    Compile,
    /// Hits in Redis; starts a server of its own
    Redis,
}

#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HitRatio {
    /// Measure all eviction policies of cached-kit, not only the default
    #[arg(long)]
    pub(crate) policies: bool,
    /// Also replay a file, one key per line or, if its name ends in `.lis`, in the form of the ARC
    /// traces; may be repeated
    #[arg(long = "trace", value_name = "FILE")]
    pub(crate) traces: Vec<PathBuf>,
}

impl Bench {
    /// The name of the command.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Hits => "hits",
            Self::Misses => "misses",
            Self::Contention => "contention",
            Self::HitRatio(_) => "hit-ratio",
            Self::Memory => "memory",
            Self::Compile => "compile",
            Self::Redis => "redis",
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;

    fn parsed(line: &str) -> Result<Run, clap::Error> {
        Run::try_parse_from(["cached-bench"].into_iter().chain(line.split_whitespace()))
    }

    fn plain(bench: Bench) -> Run {
        Run { bench, json: None, svg: None, quick: false }
    }

    #[test]
    fn the_definition_of_the_arguments_is_sound() {
        Run::command().debug_assert();
    }

    #[test]
    fn options_stand_before_the_command_or_after_it() {
        let redis = Run { json: Some("a.json".into()), quick: true, ..plain(Bench::Redis) };
        assert_eq!(parsed("--json a.json redis --quick").unwrap(), redis);
        let of = HitRatio { policies: true, traces: vec!["a".into(), "b.lis".into()] };
        let ratio = Run { svg: Some("dir".into()), ..plain(Bench::HitRatio(of)) };
        let line = "--svg dir hit-ratio --trace a --policies --trace b.lis";
        assert_eq!(parsed(line).unwrap(), ratio);
    }

    #[test]
    fn every_command_is_found_by_its_name_and_in_the_help() {
        let help = Run::command().render_help().to_string();
        for bench in [
            Bench::Hits,
            Bench::Misses,
            Bench::Contention,
            Bench::HitRatio(HitRatio::default()),
            Bench::Memory,
            Bench::Compile,
            Bench::Redis,
        ] {
            assert!(help.contains(&format!("\n  {} ", bench.name())), "{help}");
            assert_eq!(parsed(bench.name()).unwrap(), plain(bench));
        }
        assert!(help.contains("Usage: cargo run --release -p cached-bench -- "), "{help}");
    }

    #[test]
    fn mistakes_are_refused_by_name() {
        for (line, kind, part) in [
            ("", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, "Commands:"),
            ("hit", ErrorKind::InvalidSubcommand, "'hit'"),
            ("hits --fast", ErrorKind::UnknownArgument, "'--fast'"),
            ("hits redis", ErrorKind::UnknownArgument, "'redis'"),
            ("hits --json", ErrorKind::InvalidValue, "'--json <FILE>'"),
            ("hits --json --quick", ErrorKind::InvalidValue, "'--json <FILE>'"),
            ("memory --svg", ErrorKind::InvalidValue, "'--svg <DIR>'"),
            ("hits --trace a", ErrorKind::UnknownArgument, "'--trace'"),
            ("hits --policies", ErrorKind::UnknownArgument, "'--policies'"),
        ] {
            let error = parsed(line).unwrap_err();
            assert_eq!(error.kind(), kind, "{line}: {error}");
            assert!(error.to_string().contains(part), "{error}");
            assert_eq!(error.exit_code(), 2);
        }
        assert_eq!(parsed("hits --help").unwrap_err().exit_code(), 0);
    }
}

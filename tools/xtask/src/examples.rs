//! Running every example, as a reader of the documentation would.

use std::fs;
use std::path::Path;
use std::time::Duration;

use cached_testing::RedisServer;

use crate::shell;

/// How long one run of an example may take.
const LIMIT: Duration = Duration::from_secs(120);
/// The option by which an example takes the URL of a server.
const OPTION: &str = "--redis";
/// The example whose point is what a second process finds in the server.
const TWICE: &str = "deps";

/// One example and how to run it.
#[derive(Debug, PartialEq, Eq)]
struct Example {
    name: String,
    /// For each run, whether it gets a server.
    runs: Vec<bool>,
}

/// Runs every file `examples/*.rs` in the order of their names.
pub(crate) fn run_all() -> Result<(), String> {
    let examples = list(&shell::root().join("examples"))?;
    if examples.is_empty() {
        println!("there are no examples");
        return Ok(());
    }
    // Beforehand, so that the limit of a run is not spent on compiling.
    shell::run(&mut shell::cargo(&["build", "--quiet", "--examples"]))?;
    let server = match examples.iter().any(|example| example.runs.contains(&true)) {
        true => Some(RedisServer::start().map_err(|error| error.to_string())?),
        false => None,
    };
    let url = server.as_ref().map(RedisServer::url);
    examples.iter().try_for_each(|example| run(example, url.as_deref()))
}

fn run(example: &Example, url: Option<&str>) -> Result<(), String> {
    for &with_server in &example.runs {
        let mut command = shell::cargo(&["run", "--quiet", "--example", &example.name]);
        if let Some(url) = url.filter(|_| with_server) {
            command.args(["--", OPTION, url]);
        }
        println!("-- {}", shell::shown(&command));
        shell::run_within(LIMIT, &mut command)?;
    }
    Ok(())
}

fn list(dir: &Path) -> Result<Vec<Example>, String> {
    let unreadable = |error| format!("`{}` cannot be read: {error}", dir.display());
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let mut examples = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_stem().and_then(|stem| stem.to_str());
        if let (Some(name), true) = (name, path.extension().is_some_and(|it| it == "rs")) {
            examples.push(plan(name, &fs::read_to_string(&path).map_err(unreadable)?));
        }
    }
    examples.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(examples)
}

/// Decides from its source how an example is run.
fn plan(name: &str, source: &str) -> Example {
    let runs = match (source.contains(OPTION), name) {
        (true, TWICE) => vec![false, true, true],
        (takes_server, _) => vec![takes_server],
    };
    Example { name: name.to_owned(), runs }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_gets_a_server_if_it_takes_one() {
        assert_eq!(plan("plain", "fn main() {}").runs, [false]);
        assert_eq!(plan("layers", r#"if arg == "--redis" {"#).runs, [true]);
        assert_eq!(plan("deps", r#"if arg == "--redis" {"#).runs, [false, true, true]);
        assert_eq!(plan("deps", "fn main() {}").runs, [false]);
    }

    #[test]
    fn a_missing_directory_holds_no_examples() {
        assert_eq!(list(Path::new("no/such/directory")), Ok(Vec::new()));
    }

    #[test]
    fn only_rust_files_are_listed() {
        let names: Vec<_> = list(&shell::root().join("tools/xtask/src")).unwrap();
        assert!(names.iter().any(|example| example.name == "examples"));
        assert_eq!(list(&shell::root().join("tools/xtask")), Ok(Vec::new()));
    }
}

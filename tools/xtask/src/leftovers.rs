//! Servers that tests have started and not ended.

use std::fs;
use std::path::Path;

/// What the names of the directories begin with in which `cached-testing` runs servers.
const DIRECTORY: &str = "cached-testing-";

/// Fails if a server of a test still runs; where the system does not say, it finds none.
pub(crate) fn none() -> Result<(), String> {
    let left: Vec<String> =
        servers().into_iter().filter(|server| !is_of_a_running_test(server)).collect();
    if left.is_empty() {
        return Ok(());
    }
    Err(format!("tests have left servers behind, processes {}; end them", left.join(", ")))
}

/// The numbers of processes that were started in a directory of a test.
fn servers() -> Vec<String> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter(|process| is_of_a_test(&process.path()))
        .map(|process| process.file_name().to_string_lossy().into_owned())
        .collect()
}

fn is_of_a_test(process: &Path) -> bool {
    // A server changes to the directory that holds its files.
    let Ok(directory) = fs::read_link(process.join("cwd")) else { return false };
    directory.components().any(|part| part.as_os_str().to_string_lossy().starts_with(DIRECTORY))
}

/// Tells whether the parent of a process is a test, of another run than ours.
fn is_of_a_running_test(process: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name, in parentheses, can contain spaces; the state and the parent follow.
    let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1));
    let program = parent.and_then(|parent| fs::read_link(format!("/proc/{parent}/exe")).ok());
    program.is_some_and(|program| program.parent().is_some_and(|folder| folder.ends_with("deps")))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_process_in_a_directory_of_a_test_is_found() {
        let directory = std::env::temp_dir().join(format!("{DIRECTORY}{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let mut process = Command::new("sleep").arg("60").current_dir(&directory).spawn().unwrap();
        let number = process.id().to_string();
        let (found, has_a_test) = (servers().contains(&number), is_of_a_running_test(&number));
        process.kill().unwrap();
        process.wait().unwrap();
        fs::remove_dir_all(&directory).unwrap();
        assert!(found && has_a_test);
        assert!(!servers().contains(&number) && !is_of_a_running_test(&number));
    }
}

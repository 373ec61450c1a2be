//! The arrows: which room names which other one, by the paths that begin with `crate::`.

use std::fs;
use std::path::Path;

/// A line of one room that names another one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Arrow {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) from: String,
    pub(super) to: String,
}

/// Reads the sources below a folder, without tests and without the crate's face.
pub(super) fn in_folder(sources: &Path) -> Result<Vec<Arrow>, String> {
    let mut arrows = Vec::new();
    visit(sources, "", &mut arrows)?;
    Ok(arrows)
}

fn visit(folder: &Path, below: &str, arrows: &mut Vec<Arrow>) -> Result<(), String> {
    let unreadable = |error| format!("`{}` cannot be read: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let mut entries: Vec<_> = entries.collect::<Result<_, _>>().map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let file = format!("{below}{name}");
        if name.trim_end_matches(".rs") == "tests" || file == "lib.rs" {
            continue;
        }
        if entry.path().is_dir() {
            visit(&entry.path(), &format!("{file}/"), arrows)?;
        } else if name.ends_with(".rs") {
            in_source(&file, &fs::read_to_string(entry.path()).map_err(unreadable)?, arrows);
        }
    }
    Ok(())
}

fn in_source(file: &str, source: &str, arrows: &mut Vec<Arrow>) {
    let room = file.split('/').next().unwrap_or(file).trim_end_matches(".rs");
    let mut lines = source.lines().enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let begins_tests = line.trim() == "#[cfg(test)]"
            && lines.peek().is_some_and(|(_, next)| next.trim() == "mod tests {");
        if begins_tests {
            return;
        }
        for to in named(line).filter(|to| *to != room) {
            let (file, from, to) = (file.to_owned(), room.to_owned(), to.to_owned());
            arrows.push(Arrow { file, line: index + 1, from, to });
        }
    }
}

/// Returns what follows `crate::` in a line. Comments do not count, nor what expansions name, nor the
/// macros, which are at the crate's face.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let code = line.split("//").next().unwrap_or_default();
    let paths = code.match_indices("crate::").filter(|(at, _)| {
        let before = code[..*at].chars().next_back();
        !before.is_some_and(|before| before == '$' || before == '_' || before.is_alphanumeric())
    });
    let first = |(at, path): (usize, &str)| {
        let rest = &code[at + path.len()..];
        let end = rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len());
        if rest.starts_with('{') { "{" } else { &rest[..end] }
    };
    paths.map(first).filter(move |name| !name.starts_with("__"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrows(source: &str) -> Vec<(usize, String)> {
        let mut arrows = Vec::new();
        in_source("memo/call/mod.rs", source, &mut arrows);
        assert!(arrows.iter().all(|arrow| arrow.from == "memo"));
        arrows.into_iter().map(|arrow| (arrow.line, arrow.to)).collect()
    }

    #[test]
    fn paths_in_imports_and_in_code_are_arrows() {
        let source =
            "use crate::clock::{Clock, Tick};\nfn f() { crate::report::warn(crate::key::X) }\n";
        let expected = [(1, "clock"), (2, "report"), (2, "key")];
        assert_eq!(arrows(source), expected.map(|(line, to)| (line, to.to_owned())));
    }

    #[test]
    fn the_own_room_and_comments_and_tests_are_none() {
        let source = "use crate::memo::Memo;\n// crate::cache\n$crate::Stats\nuse crate::__site;\n\
                      #[cfg(test)]\nmod tests {\n    use crate::registry::Site;\n}\n";
        assert_eq!(arrows(source), []);
    }

    #[test]
    fn an_import_of_several_rooms_at_once_names_the_face() {
        assert_eq!(arrows("use crate::{Error, clock};"), [(1, "{".to_owned())]);
    }
}

//! What the compiler says to those who use `#[cached]` wrongly, one case per mistake, and code that
//! it must accept.
//!
//! The words of the compiler change between versions, so cases are compared with one version only.
//! `TRYBUILD=overwrite cargo test --test ui` writes the `.stderr` files anew; read what changed.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// The version that the `.stderr` files are of.
const PINNED: &str = "rustc 1.95.0 ";

/// Apart from the passing ones: cases that need not be run are compiled together, five times faster.
#[test]
fn failing_cases() {
    let cases = files("tests/ui/fail").len();
    run(&format!("{cases} failing cases"), |all| all.compile_fail("tests/ui/fail/*/*.rs"));
}

#[test]
fn passing_cases() {
    let cases = files("tests/ui/pass").len();
    run(&format!("{cases} passing cases"), |all| all.pass("tests/ui/pass/*.rs"));
}

fn run(what: &str, add: impl FnOnce(&trybuild::TestCases)) {
    let version = compiler();
    if !version.starts_with(PINNED) {
        say(&format!("skipped {what}: they are for {PINNED}and this is {version}"));
        return;
    }
    let cases = trybuild::TestCases::new();
    add(&cases);
    // They run when it is dropped, and their failures fail this test.
    drop(cases);
    say(&format!("ran {what}"));
}

/// A new error without a case is found here, as is a case that was lost.
#[test]
fn every_error_has_a_case() {
    let cases = files("tests/ui/fail");
    let sources = files("cached-macros/src");
    let sites: usize = sources
        .iter()
        .filter(|path| !path.components().any(|part| part.as_os_str() == "tests"))
        .map(|path| sites(&fs::read_to_string(path).unwrap()))
        .sum();
    assert!(sites > 50, "only {sites} places that make an error were found");
    assert!(cases.len() >= sites, "{} failing cases for {sites} errors", cases.len());
    say(&format!("{} failing cases for {sites} errors", cases.len()));
}

#[test]
fn every_failing_case_says_what_is_expected() {
    for case in files("tests/ui/fail") {
        let expected = case.with_extension("stderr");
        assert!(expected.exists(), "{} is not there", expected.display());
    }
    let ours = |path: &Path| path.extension().is_some_and(|extension| extension == "stderr");
    for expected in walk(&root().join("tests/ui")).into_iter().filter(|path| ours(path)) {
        assert!(expected.with_extension("rs").exists(), "{} has no case", expected.display());
    }
}

/// Prints where the harness does not hold it back: how much was tested is part of the result.
#[allow(clippy::explicit_write, reason = "`println!` is held back")]
fn say(line: &str) {
    writeln!(io::stdout(), "{line}").unwrap();
}

/// How many places in a source make an error, by its text.
fn sites(source: &str) -> usize {
    let making = ["Error::new(", "Error::new_spanned(", ".error(", "fail(\"", "fail(format!"];
    making.iter().map(|text| source.matches(text).count()).sum()
}

fn compiler() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-V").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// The Rust files in a folder of the workspace.
fn files(folder: &str) -> Vec<PathBuf> {
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    walk(&root().join(folder)).into_iter().filter(is_rust).collect()
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(walk(&path)),
            false => found.push(path),
        }
    }
    found
}

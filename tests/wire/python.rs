//! The same vectors, read by another language.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::vectors::checked_in;

/// Runs the script; `None` where there is no Python.
fn check(vectors: &Path) -> Option<Output> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/check.py");
    match Command::new("python3").arg(script).arg(vectors).output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("not checked: there is no `python3` here");
            None
        }
        Err(error) => panic!("`python3` does not start: {error}"),
    }
}

fn read() -> Value {
    serde_json::from_str(&fs::read_to_string(checked_in()).unwrap()).unwrap()
}

#[test]
fn twenty_lines_of_python_read_the_format() {
    let script = include_str!("check.py");
    assert!(script.lines().count() <= 20, "it shows how simple the format is");
    let Some(output) = check(&checked_in()) else { return };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let sections = read().as_object().unwrap().clone();
    let count: usize = sections.values().map(|all| all.as_array().unwrap().len()).sum();
    // What is in zstd, in LZ4 or in something of the user's own is not in Python's library.
    assert_eq!(said.trim(), format!("{count} vectors checked, 4 of them with unknown bytes"));
}

#[test]
fn the_script_sees_a_difference_in_every_section() {
    for section in ["texts", "keys", "by_hand", "prefixes", "entries", "compressed", "counters"] {
        let mut vectors = read();
        let vector = &mut vectors[section][0];
        let (field, from, to) = match section {
            "texts" => ("value", "", "x"),
            "keys" => ("key", ":", ";"),
            "entries" | "compressed" => ("bytes", "c14b", "c14c"),
            _ => ("stored", "", "x"),
        };
        vector[field] = vector[field].as_str().unwrap().replacen(from, to, 1).into();
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("damaged-{section}.json"));
        fs::write(&path, vectors.to_string()).unwrap();
        let Some(output) = check(&path) else { return };
        assert!(!output.status.success(), "{section}");
    }
}

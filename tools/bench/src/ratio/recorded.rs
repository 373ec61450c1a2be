//! Recorded traces, read from a file.

use std::collections::HashMap;
use std::fs::File;
use std::hash::Hash;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::subjects::BoxError;

/// How many requests are replayed at most; they are all in memory.
const MOST: u64 = 100_000_000;

/// The order of the requests.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) name: String,
    /// How many different keys there are.
    pub(crate) keys: usize,
    /// Numbers below `keys`.
    pub(crate) requests: Vec<u32>,
}

impl Recorded {
    /// Reads a file with one key per line or, if its name ends in `.lis`, one of those that came with
    /// the paper on ARC: the first key and the number of keys in each line, and what follows is
    /// ignored.
    pub(crate) fn read(path: &Path) -> Result<Self, BoxError> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| format!("cannot read `{name}`: {error}"))?;
        let arc = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("lis"));
        let read = if arc { read_arc } else { read_keys };
        let (keys, requests) = read(&mut BufReader::new(file), &name)?;
        if requests.is_empty() {
            return Err(format!("`{name}` asks for nothing").into());
        }
        Ok(Self { name, keys, requests })
    }
}

/// Gives numbers to keys in the order in which they come first.
struct Requests<K> {
    numbers: HashMap<K, u32>,
    requests: Vec<u32>,
}

impl<K: Hash + Eq> Requests<K> {
    fn new() -> Self {
        Self { numbers: HashMap::new(), requests: Vec::new() }
    }

    fn push(&mut self, key: K) {
        // Below `MOST`, which is checked before.
        let new = self.numbers.len() as u32;
        self.requests.push(*self.numbers.entry(key).or_insert(new));
    }

    fn has_room_for(&self, more: u64) -> Result<(), String> {
        let len = self.requests.len() as u64;
        match len.checked_add(more).is_some_and(|len| len <= MOST) {
            true => Ok(()),
            false => Err(format!("more than {MOST} requests")),
        }
    }
}

type Read = (usize, Vec<u32>);

fn read_keys(from: &mut dyn BufRead, name: &str) -> Result<Read, BoxError> {
    let mut requests = Requests::<Box<str>>::new();
    each_line(from, name, |line| {
        requests.has_room_for(1)?;
        match line {
            "" => Err("there is no key".to_owned()),
            key if key.contains(char::is_whitespace) => {
                Err("a key has no spaces in it; is it an ARC trace? their names end in `.lis`"
                    .to_owned())
            }
            key => {
                requests.push(key.into());
                Ok(())
            }
        }
    })?;
    Ok((requests.numbers.len(), requests.requests))
}

fn read_arc(from: &mut dyn BufRead, name: &str) -> Result<Read, BoxError> {
    let mut requests = Requests::<u64>::new();
    each_line(from, name, |line| {
        let mut fields = line.split_whitespace().map(str::parse::<u64>);
        let (Some(Ok(start)), Some(Ok(count))) = (fields.next(), fields.next()) else {
            return Err("it does not begin with two numbers, a key and a count".to_owned());
        };
        if count == 0 {
            return Err("the count is zero".to_owned());
        }
        requests.has_room_for(count)?;
        let end = start.checked_add(count).ok_or("the last key is too large")?;
        (start..end).for_each(|key| requests.push(key));
        Ok(())
    })?;
    Ok((requests.numbers.len(), requests.requests))
}

/// Shows each line to `take`; the first that is wrong ends it.
fn each_line(
    from: &mut dyn BufRead,
    name: &str,
    mut take: impl FnMut(&str) -> Result<(), String>,
) -> Result<(), BoxError> {
    for (index, line) in from.split(b'\n').enumerate() {
        let line = line.map_err(|error| format!("cannot read `{name}`: {error}"))?;
        let text = str::from_utf8(&line).map_err(|_| "it is not text in UTF-8".to_owned());
        let taken = text.and_then(|text| take(text.strip_suffix('\r').unwrap_or(text)));
        taken.map_err(|why| format!("`{name}`, line {}: {why}", index + 1))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Result<Read, String> {
        read_keys(&mut text.as_bytes(), "file").map_err(|error| error.to_string())
    }

    fn arc(text: &str) -> Result<Read, String> {
        read_arc(&mut text.as_bytes(), "file.lis").map_err(|error| error.to_string())
    }

    #[test]
    fn keys_are_any_texts() {
        assert_eq!(keys("a\nuser:7\r\na\n12\nuser:7\n"), Ok((3, vec![0, 1, 0, 2, 1])));
        assert_eq!(keys("no newline\n".trim_start_matches("no ").trim_end()), Ok((1, vec![0])));
        assert_eq!(keys(""), Ok((0, vec![])));
    }

    #[test]
    fn a_line_of_an_arc_trace_stands_for_several_keys() {
        assert_eq!(arc("100 3 0 1\n101 1 0 2\n7 2\r\n"), Ok((5, vec![0, 1, 2, 1, 3, 4])));
    }

    #[test]
    fn the_first_bad_line_is_named() {
        let is = |read: Result<Read, String>, parts: [&str; 2]| {
            let error = read.unwrap_err();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        };
        is(keys("a\n\nb\n\n"), ["`file`, line 2: ", "no key"]);
        is(keys("a\nb c\n"), ["`file`, line 2: ", "`.lis`"]);
        is(arc("1 2 0 1\n\n"), ["`file.lis`, line 2: ", "two numbers"]);
        is(arc("1 2\n3\n"), ["line 2: ", "two numbers"]);
        is(arc("x 2\n"), ["line 1: ", "two numbers"]);
        is(arc("1 -2\n"), ["line 1: ", "two numbers"]);
        is(arc("1 0\n"), ["line 1: ", "zero"]);
        is(arc("1 1\n1 100000000\n"), ["line 2: ", "more than 100000000 requests"]);
        is(arc(&format!("{} 1\n{0} 2\n", u64::MAX - 1)), ["line 2: ", "too large"]);
        let binary = read_keys(&mut &b"a\n\xff\xfe\n"[..], "file").unwrap_err().to_string();
        assert_eq!(binary, "`file`, line 2: it is not text in UTF-8");
    }

    #[test]
    fn the_name_of_a_file_says_what_is_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let read = |name: &str, text: &str| Recorded::read(&write(name, text));
        assert_eq!(read("a.lis", "5 2 0 1\n").unwrap().requests, [0, 1]);
        assert_eq!(read("a.LIS", "5 2 0 1\n").unwrap().keys, 2);
        assert_eq!(read("a.txt", "5\n5\n").unwrap().requests, [0, 0]);
        assert!(read("empty", "").unwrap_err().to_string().ends_with("asks for nothing"));
        let error = Recorded::read(&dir.path().join("none")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read `"), "{error}");
    }
}

//! Waits for what a foreign process does.

use std::io::{self, ErrorKind};
use std::thread;
use std::time::Duration;

use crate::clock;

/// The pause between two looks.
const POLL: Duration = Duration::from_millis(10);

/// Calls `look` until it returns a value, at the latest until `limit` has passed.
///
/// `Err` is a reason to look again, because a server that starts, ends or changes its role
/// answers with errors; the last one is in the error of this function.
pub(crate) fn until<T>(
    limit: Duration,
    what: &str,
    mut look: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    let deadline = clock::now() + limit;
    loop {
        let error = match look() {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if clock::now() >= deadline {
            let text = format!("no {what} within {limit:?}: {error}");
            return Err(io::Error::new(ErrorKind::TimedOut, text));
        }
        // A foreign process has no event we could wait for.
        thread::sleep(POLL);
    }
}

/// Returns `Ok` when `holds`, else an error that says what is the matter.
pub(crate) fn ensure(holds: bool, matter: impl FnOnce() -> String) -> io::Result<()> {
    if holds { Ok(()) } else { Err(io::Error::other(matter())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_again_until_there_is_a_value() {
        let mut looks = 0;
        let value = until(Duration::from_secs(10), "third look", || {
            looks += 1;
            ensure(looks == 3, || format!("look {looks}")).map(|()| "value")
        });
        assert_eq!((value.unwrap(), looks), ("value", 3));
    }

    #[test]
    fn says_at_the_limit_what_was_the_matter() {
        let error =
            until(Duration::ZERO, "peace", || ensure(false, || "war".to_owned())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(error.to_string(), "no peace within 0ns: war");
    }
}

//! Commands that cannot go over a connection which others use at the same time.

use redis::{Arg, Cmd, ErrorKind, RedisError};

const OWN_CONNECTION: &str = "open a connection of its own for it, with `redis::Client`";

/// Names, and what to do instead.
const UNFIT: [(&[&str], &str); 6] = [
    (
        &["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE"],
        "use `RedisStore::subscriber`",
    ),
    (
        &["MONITOR", "SYNC", "PSYNC", "CLIENT REPLY", "CLIENT TRACKING", "SCRIPT DEBUG"],
        OWN_CONNECTION,
    ),
    (
        &["MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH"],
        "use `redis::pipe().atomic()`, or a script for what depends on a value",
    ),
    (&["SELECT", "AUTH", "HELLO"], "set it in the URL of the store"),
    (&["RESET", "QUIT"], "close the store to end its connections"),
    (&["READONLY", "READWRITE", "ASKING"], "the store says it where it is needed"),
];

/// Refuses a command that would change the connection for everybody, or is not answered by exactly
/// one reply.
pub(super) fn check(command: &Cmd) -> Result<(), RedisError> {
    let mut words = command.args_iter().map(|arg| match arg {
        Arg::Simple(word) => word,
        _ => b"",
    });
    let Some(name) = words.next() else {
        // The server does not answer it.
        return Err((ErrorKind::Client, "a command needs a name").into());
    };
    let sub = words.next().unwrap_or_default();
    let is = |unfit: &&str| match unfit.split_once(' ') {
        None => name.eq_ignore_ascii_case(unfit.as_bytes()),
        Some((first, second)) => {
            name.eq_ignore_ascii_case(first.as_bytes())
                && sub.eq_ignore_ascii_case(second.as_bytes())
        }
    };
    for (names, advice) in UNFIT {
        if let Some(name) = names.iter().find(|&unfit| is(unfit)) {
            let what = "others use this connection, too";
            return Err((ErrorKind::Client, what, format!("`{name}` is refused; {advice}")).into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(words: &str) -> Option<String> {
        let mut command = Cmd::new();
        for word in words.split(' ') {
            command.arg(word);
        }
        check(&command).err().map(|error| error.to_string())
    }

    #[test]
    fn what_changes_the_connection_is_refused_by_name_and_with_advice() {
        for (names, advice) in UNFIT {
            for name in names {
                for words in [name.to_string(), name.to_ascii_lowercase() + " x"] {
                    let said = refused(&words).unwrap_or_else(|| panic!("{words} was taken"));
                    assert!(said.contains(&format!("`{name}`")), "{said}");
                    assert!(said.contains(advice), "{said}");
                }
            }
        }
        assert!(check(&Cmd::new()).is_err(), "it would have no reply");
    }

    #[test]
    fn all_else_is_taken() {
        for words in ["GET reply", "CLIENT LIST", "CLIENT", "PUBLISH SUBSCRIBE x", "SCRIPT LOAD x"]
        {
            assert_eq!(refused(words), None);
        }
    }
}

//! What a node says of slots that are not its own.

use redis::{ErrorKind, ServerErrorKind};

use crate::address::Endpoint;
use crate::failure::Failure;

/// Where a request has to go instead.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Redirect {
    /// From now on.
    Moved { slot: u16, to: Endpoint },
    /// This once.
    Ask { to: Endpoint },
}

impl Redirect {
    /// Takes it out of the refusal of a node.
    pub(super) fn of(failure: &Failure, by: &Endpoint) -> Option<Self> {
        let Failure::Redis(error) = failure else { return None };
        let (address, slot) = error.redirect_node()?;
        let (host, port) = address.rsplit_once(':')?;
        let host = match (host, by) {
            // A node that does not know its own host means the one where it was asked.
            ("", Endpoint::Tcp { host, .. }) => host,
            (host, _) => host,
        };
        let to = Endpoint::Tcp { host: host.to_owned(), port: port.parse().ok()? };
        match error.kind() {
            ErrorKind::Server(ServerErrorKind::Ask) => Some(Self::Ask { to }),
            _ => Some(Self::Moved { slot, to }),
        }
    }
}

/// Tells whether the keys of a slot are just on their way, some here and some there.
pub(crate) fn is_try_again(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::Redis(error) if error.kind() == ErrorKind::Server(ServerErrorKind::TryAgain)
    )
}

#[cfg(test)]
mod tests {
    use redis::RedisError;

    use super::*;

    fn node(host: &str, port: u16) -> Endpoint {
        Endpoint::Tcp { host: host.to_owned(), port }
    }

    fn redirect(line: &str) -> Option<Redirect> {
        let reply = redis::parse_redis_value(format!("-{line}\r\n").as_bytes());
        let error: RedisError = reply.and_then(|reply| reply.extract_error()).unwrap_err();
        Redirect::of(&Failure::Redis(error), &node("here", 1))
    }

    #[test]
    fn a_redirect_names_a_node() {
        let moved = |slot, to| Some(Redirect::Moved { slot, to });
        assert_eq!(redirect("MOVED 7 there:2"), moved(7, node("there", 2)));
        assert_eq!(redirect("MOVED 7 :2"), moved(7, node("here", 2)));
        assert_eq!(redirect("MOVED 7 ::1:2"), moved(7, node("::1", 2)));
        assert_eq!(redirect("ASK 7 there:2"), Some(Redirect::Ask { to: node("there", 2) }));
        for other in ["MOVED", "MOVED 7", "MOVED x there:2", "MOVED 7 there:x", "ERR no"] {
            assert_eq!(redirect(other), None, "{other}");
        }
    }
}

//! What went wrong at the server or on the way, in our own words.
//!
//! The text of a server's error can repeat arguments of the command and the name of the user, so
//! only its code is passed on. The text of an I/O error comes from the operating system.

use std::error::Error as StdError;
use std::fmt::Display;
use std::io;
use std::time::Duration;

use cached_core::{BREAKER_FAILURES, Error, ErrorKind};
use redis::{ErrorKind as Kind, RedisError};

use crate::address::{Address, Endpoint};
use crate::failure::Failure;
use crate::mux::Lost;
use crate::wire::Refused;

/// Puts a failure into words.
pub(crate) fn explain(failure: Failure, address: &Address, op_timeout: Duration) -> Error {
    match failure {
        Failure::Connect(error) => error,
        Failure::Lost(Lost::TimedOut) => timed_out(address, op_timeout),
        Failure::Lost(Lost::Dropped | Lost::Unsent) => dropped(address),
        Failure::Lost(Lost::Malformed) => {
            unavailable(address, "sent what is not the redis protocol")
        }
        Failure::Redis(error) => refused_operation(address, error),
        Failure::Partly(partly) => refused_operation(address, partly.error),
        Failure::Part(error) => error,
        Failure::NoPlace => no_place(op_timeout),
        Failure::GivenUp => given_up(address),
        Failure::LeftAlone => unavailable(
            address,
            &format!("is left alone for a while: it failed {BREAKER_FAILURES} times in a row"),
        ),
        Failure::Closed => closed(address),
        Failure::RuntimeEnded => lost(address),
    }
}

/// The error for what the `redis` crate reported.
pub(crate) fn refused_operation(address: &Address, error: RedisError) -> Error {
    let at = |what: &str| unavailable(address, what);
    match error.kind() {
        Kind::Io => at("cannot be reached").with_source(error),
        Kind::AuthenticationFailed => at("refused the user name or the password"),
        Kind::Parse => at("sent what is not the redis protocol"),
        Kind::UnexpectedReturnType => at("sent a reply of another type than expected"),
        Kind::InvalidClientConfig => at("cannot be reached: the host has no address"),
        Kind::RESP3NotSupported => at("does not speak resp3"),
        _ => match code(&error) {
            Some(code) if code == "WRONGTYPE" => {
                let what = format!("redis at {address} has a value of another kind under the key");
                Error::new(ErrorKind::WrongType, what)
            }
            Some(code) => at(&format!("refused the operation: {code}{}", meaning(&code))),
            None => at("cannot be reached"),
        },
    }
}

pub(crate) fn unavailable(at: &impl Display, what: &str) -> Error {
    Error::new(ErrorKind::Unavailable, format!("redis at {at} {what}"))
}

/// Who closed it is not known: the server, the network, or the store itself.
fn dropped(address: &Address) -> Error {
    Error::new(ErrorKind::Unavailable, format!("the connection to redis at {address} was lost"))
}

pub(crate) fn timed_out(at: &impl Display, bound: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("redis at {at} did not answer within {bound:?}"))
}

fn given_up(at: &impl Display) -> Error {
    let what = format!("redis at {at} did not answer in the time that the call had left for it");
    Error::new(ErrorKind::Timeout, what)
}

fn no_place(bound: Duration) -> Error {
    let what = format!(
        "no connection was free for a blocking caller within {bound:?}; raise `blocking_connections`"
    );
    Error::new(ErrorKind::Timeout, what)
}

pub(crate) fn lost(address: &Address) -> Error {
    Error::new(ErrorKind::Unavailable, format!("the runtime that served redis at {address} ended"))
}

pub(crate) fn closed(address: &Address) -> Error {
    Error::new(ErrorKind::Closed, format!("the store of redis at {address} is closed"))
}

/// There is no way to a server.
pub(crate) fn unreachable(server: &Endpoint, source: io::Error) -> Error {
    #[cfg(feature = "tls")]
    if let Some(what) = distrust(&source) {
        return unavailable(server, what).with_source(source);
    }
    unavailable(server, "cannot be reached").with_source(source)
}

/// Who does not trust whom, if that is what is wrong.
#[cfg(feature = "tls")]
fn distrust(source: &io::Error) -> Option<&'static str> {
    use rustls::{CertificateError as Certificate, Error as Tls};
    Some(match source.get_ref()?.downcast_ref::<Tls>()? {
        Tls::InvalidCertificate(
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. },
        ) => "shows a certificate that is for another host",
        Tls::InvalidCertificate(_) => {
            "shows a certificate that we do not trust; name its authority with `ca`"
        }
        // Said to a client without a certificate, too.
        Tls::AlertReceived(_) => {
            "does not accept our certificate; name the right one with `cert` and `key`"
        }
        _ => "does not speak TLS as we do",
    })
}

pub(crate) fn hung_up(server: &Endpoint) -> Error {
    unavailable(server, "closed the connection")
}

pub(crate) fn not_redis(server: &Endpoint) -> Error {
    unavailable(server, "sent what is not the redis protocol")
}

/// A server without TLS waits for more of what it takes for a command.
#[cfg(feature = "tls")]
pub(crate) fn no_handshake(server: &Endpoint, bound: Duration) -> Error {
    let what = format!(
        "redis at {server} did not answer the TLS handshake within {bound:?}; if it does not speak \
         TLS on this port, write `redis://`"
    );
    Error::new(ErrorKind::Timeout, what)
}

/// The server does not serve us.
pub(crate) fn refused(server: &Endpoint, refused: &Refused) -> Error {
    match refused {
        Refused::Login => unavailable(server, "refused the user name or the password"),
        Refused::NoLogin => unavailable(server, "wants a password (NOAUTH)"),
        Refused::Database => {
            unavailable(server, "refused the database; is there one of this number?")
        }
        Refused::Full => unavailable(server, "has as many clients as it takes (`maxclients`)"),
        Refused::Protocol => unavailable(server, "does not speak resp3"),
        Refused::Server(code) => {
            unavailable(server, &format!("does not serve us: {code}{}", meaning(code)))
        }
    }
}

pub(crate) fn no_sentinel(master: &str) -> Error {
    Error::new(ErrorKind::Config, format!("there is no sentinel to ask for `{master}`"))
}

/// The server does not answer as a sentinel.
pub(crate) fn no_such_sentinel(server: &Endpoint, refusal: &redis::ServerError) -> Error {
    match refusal.code() {
        "ERR" => {
            let what = "is no sentinel; write `redis://host:port` instead of `redis+sentinel://`";
            Error::new(ErrorKind::Config, format!("redis at {server} {what}"))
        }
        code => refused(server, &Refused::Server(code.to_owned())),
    }
}

pub(crate) fn unknown_master(sentinel: &Endpoint, master: &str) -> Error {
    let what = format!(
        "the sentinel at {sentinel} does not know `{master}`; the URL names it after the hosts: \
         `redis+sentinel://host1,host2/{master}/0`"
    );
    Error::new(ErrorKind::Config, what)
}

pub(crate) fn not_the_primary(server: &Endpoint) -> Error {
    unavailable(server, "is named as the primary and is not; a failover may be under way")
}

/// The node does not tell who has which slot.
pub(crate) fn no_cluster(node: &Endpoint, refusal: &redis::ServerError) -> Error {
    match refusal.code() {
        "ERR" => {
            let what =
                "is a single server; write `redis://host:port` instead of `redis+cluster://`";
            Error::new(ErrorKind::Config, format!("redis at {node} {what}"))
        }
        code => {
            let what = format!("does not tell who is in its cluster: {code}{}", meaning(code));
            unavailable(node, &what)
        }
    }
}

/// Nobody serves the slot of a key.
pub(crate) fn no_slots(at: &impl Display) -> Error {
    unavailable(at, "is a cluster in which nobody has the slot of the key")
}

/// Nodes send a request to each other.
pub(crate) fn no_agreement(at: &impl Display) -> Error {
    unavailable(at, "is a cluster whose nodes do not agree who has the slot of the key (MOVED)")
}

/// Nobody serves anything.
pub(crate) fn no_shards(address: &Address) -> Error {
    unavailable(address, "is a cluster in which nobody has any slots")
}

pub(crate) fn slots_move(address: &Address) -> Error {
    let what = "could not be walked over whole: its slots keep moving; try again later";
    unavailable(address, what)
}

pub(crate) fn no_whole_walk(address: &Address) -> Error {
    let what = "could not be walked over whole: connections keep being made anew; try again later";
    unavailable(address, what)
}

#[cfg(feature = "cluster")]
pub(crate) fn no_native_cluster(address: &Address, error: RedisError) -> Error {
    // The description of a failed start is a list of what each node said.
    let text = error.to_string();
    if text.contains("cluster support disabled") {
        let what = "is a single server; write `redis://host:port` instead of `redis+cluster://`";
        return Error::new(ErrorKind::Config, format!("redis at {address} {what}"));
    }
    if text.contains("WRONGPASS") || text.contains("NOAUTH") {
        return unavailable(address, "refused the user name or the password");
    }
    match error.kind() {
        Kind::AuthenticationFailed => unavailable(address, "refused the user name or the password"),
        Kind::InvalidClientConfig => {
            Error::new(ErrorKind::Config, format!("redis at {address} cannot be used as a cluster"))
        }
        _ => unavailable(address, "cannot be reached: none of its nodes serves us"),
    }
}

pub(crate) fn wrong_count(address: &Address) -> Error {
    unavailable(address, "sent another number of values than keys were asked for")
}

pub(crate) fn wrong_reply(address: &Address) -> Error {
    unavailable(address, "sent a reply of another type than expected")
}

pub(crate) fn not_an_integer() -> Error {
    Error::new(
        ErrorKind::NotAnInteger,
        "the stored value is not an integer, or the sum is outside the range of `i64`",
    )
}

/// Tells whether an `INCRBY` was refused because of the value that is there or the sum.
pub(crate) fn is_not_an_integer(error: &RedisError) -> bool {
    match code(error).as_deref() {
        Some("WRONGTYPE") => true,
        Some("ERR") => error
            .detail()
            .is_some_and(|text| text.contains("not an integer") || text.contains("overflow")),
        _ => false,
    }
}

/// The server's code: one word in capitals, never a piece of data.
fn code(error: &RedisError) -> Option<String> {
    let code = match error.code() {
        Some(code) => code.to_owned(),
        None => error.clone().into_server_errors()?.first()?.1.code().to_owned(),
    };
    code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()).then_some(code)
}

fn meaning(code: &str) -> &'static str {
    match code {
        "NOAUTH" => " (it wants a password)",
        "NOPERM" => " (the user may not run this command or touch this key)",
        "OOM" => " (its memory is full)",
        "READONLY" => " (it is a replica)",
        "LOADING" => " (it is still loading its data)",
        "MASTERDOWN" => " (it is a replica without a primary)",
        "MISCONF" => " (it cannot save its data)",
        "BUSY" => " (a script runs for too long)",
        "MOVED" | "ASK" => " (it is a node of a cluster; write `redis+cluster://`)",
        "CLUSTERDOWN" => " (its cluster does not serve)",
        _ => "",
    }
}

/// An error in the terms of the `redis` crate, for those who use its commands.
pub(crate) fn for_the_crate(error: Error) -> RedisError {
    let kind = match error.kind() {
        ErrorKind::Timeout => io::ErrorKind::TimedOut,
        _ => io::ErrorKind::NotConnected,
    };
    let source: Box<dyn StdError + Send + Sync> = Box::new(error);
    io::Error::new(kind, source).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_has_no_culprit() {
        let address = Address::new("here:1".to_owned());
        let error = explain(Failure::Lost(Lost::Dropped), &address, Duration::from_secs(1));
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.to_string(), "the connection to redis at here:1 was lost");
    }
}

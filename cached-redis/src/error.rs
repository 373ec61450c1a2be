//! What went wrong at the server or on the way, in our own words.
//!
//! The text of a server's error can repeat arguments of the command and the name of the user, so
//! only its code is passed on. The text of an I/O error comes from the operating system.

use std::time::Duration;

use cached_core::{Error, ErrorKind};
use redis::{ErrorKind as Kind, RedisError, ServerErrorKind};

use crate::url::Address;

/// The error for what the `redis` crate reported.
pub(crate) fn unavailable(address: &Address, error: RedisError) -> Error {
    let at = |what: &str| Error::new(ErrorKind::Unavailable, format!("redis at {address} {what}"));
    match error.kind() {
        Kind::Io => at("cannot be reached").with_source(error),
        Kind::AuthenticationFailed => at("refused the user name or the password"),
        Kind::Parse => at("sent what is not the redis protocol"),
        Kind::UnexpectedReturnType => at("sent a reply of another type than expected"),
        Kind::InvalidClientConfig => at("cannot be reached: the host has no address"),
        Kind::RESP3NotSupported => at("does not speak resp3"),
        _ => match code(&error) {
            Some(code) => at(&format!("refused the operation: {code}{}", explain(&code))),
            None => at("cannot be reached"),
        },
    }
}

pub(crate) fn timed_out(address: &Address, bound: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("redis at {address} did not answer within {bound:?}"))
}

pub(crate) fn lost(address: &Address) -> Error {
    Error::new(ErrorKind::Unavailable, format!("the runtime that served redis at {address} ended"))
}

pub(crate) fn closed(address: &Address) -> Error {
    Error::new(ErrorKind::Closed, format!("the store of redis at {address} is closed"))
}

pub(crate) fn wrong_count(address: &Address) -> Error {
    let what = format!("redis at {address} sent another number of values than keys were asked for");
    Error::new(ErrorKind::Unavailable, what)
}

pub(crate) fn not_an_integer() -> Error {
    Error::new(
        ErrorKind::NotAnInteger,
        "the stored value is not an integer, or the sum is outside the range of `i64`",
    )
}

/// Tells whether a connection can no longer be used, or leads to a server that cannot serve us,
/// so that the next operation has to connect anew.
pub(crate) fn spoils_connection(error: &RedisError) -> bool {
    error.is_unrecoverable_error()
        || matches!(
            error.kind(),
            Kind::Io
                | Kind::UnexpectedReturnType
                | Kind::Server(
                    ServerErrorKind::ReadOnly
                        | ServerErrorKind::BusyLoading
                        | ServerErrorKind::MasterDown
                )
        )
}

/// Tells whether the connection was gone, so that the request may not even have been sent.
pub(crate) fn is_dropped(error: &RedisError) -> bool {
    error.is_connection_dropped()
}

pub(crate) fn is_missing_script(error: &RedisError) -> bool {
    error.kind() == Kind::Server(ServerErrorKind::NoScript)
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

fn explain(code: &str) -> &'static str {
    match code {
        "NOAUTH" => " (it wants a password)",
        "NOPERM" => " (the user may not run this command or touch this key)",
        "OOM" => " (its memory is full)",
        "WRONGTYPE" => " (the key holds another kind of value)",
        "READONLY" => " (it is a replica)",
        "LOADING" => " (it is still loading its data)",
        "MASTERDOWN" => " (it is a replica without a primary)",
        "MISCONF" => " (it cannot save its data)",
        "BUSY" => " (a script runs for too long)",
        _ => "",
    }
}

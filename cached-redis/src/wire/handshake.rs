//! What is said first on a new connection.

use redis::Value;

use super::command;

/// Who we are at the server, and how we speak with it.
#[derive(Clone, Default)]
pub(crate) struct Login {
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) db: i64,
    /// The name in the server's list of clients.
    pub(crate) name: Option<String>,
    pub(crate) resp3: bool,
    /// The server is a replica in a cluster, and is to answer all the same.
    pub(crate) read_only: bool,
}

/// Why a server does not serve us.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The user name or the password is wrong.
    Login,
    /// It wants a password, and we have none.
    NoLogin,
    /// There is no such database.
    Database,
    /// It does not know version 3 of the protocol.
    Protocol,
    /// It has as many clients as it takes.
    Full,
    /// It cannot serve yet, or no more; the code of its error.
    Server(String),
}

/// A command, and what its refusal means; `None` if it changes nothing.
pub(crate) type Saying = (Vec<u8>, fn(&str) -> Option<Refused>);

/// Returns what to say, in this order, each answered by one reply.
pub(crate) fn greeting(login: &Login) -> Vec<Saying> {
    let mut sayings: Vec<Saying> = Vec::new();
    let user = login.user.as_deref().unwrap_or("default").as_bytes();
    let password = login.password.as_deref().unwrap_or_default().as_bytes();
    let known = login.user.is_some() || login.password.is_some();
    match (login.resp3, known) {
        (true, true) => {
            sayings.push((command(&[b"HELLO", b"3", b"AUTH", user, password]), hello));
        }
        (true, false) => sayings.push((command(&[b"HELLO", b"3"]), hello)),
        // Servers before version 6 know no users.
        (false, true) if login.user.is_none() => {
            sayings.push((command(&[b"AUTH", password]), login_refused));
        }
        (false, true) => sayings.push((command(&[b"AUTH", user, password]), login_refused)),
        (false, false) => {}
    }
    if login.db != 0 {
        let db = login.db.to_string();
        sayings.push((command(&[b"SELECT", db.as_bytes()]), |code| match code {
            "NOAUTH" => Some(Refused::NoLogin),
            "LOADING" | "MASTERDOWN" => Some(Refused::Server(code.to_owned())),
            _ => Some(Refused::Database),
        }));
    }
    // What follows is a comfort: a user may not be allowed to say it, or the server too old.
    if let Some(name) = &login.name {
        sayings.push((command(&[b"CLIENT", b"SETNAME", name.as_bytes()]), ignored));
    }
    for (what, value) in [("lib-name", "cached-kit"), ("lib-ver", env!("CARGO_PKG_VERSION"))] {
        let saying = command(&[b"CLIENT", b"SETINFO", what.as_bytes(), value.as_bytes()]);
        sayings.push((saying, ignored));
    }
    if login.read_only {
        sayings.push((command(&[b"READONLY"]), ignored));
    }
    // What every server that serves us answers; one that wants a password says so here.
    sayings.push((command(&[b"PING"]), |code| match code {
        "NOAUTH" => Some(Refused::NoLogin),
        // A user who may not do this may still read and write.
        "NOPERM" => None,
        _ => Some(Refused::Server(code.to_owned())),
    }));
    sayings
}

/// Judges the reply to a part of the greeting.
pub(crate) fn judge(saying: &Saying, reply: &Value) -> Result<(), Refused> {
    let Value::ServerError(error) = reply else { return Ok(()) };
    // It answers whatever was said, and hangs up.
    if error.details().is_some_and(|text| text.contains("max number of clients")) {
        return Err(Refused::Full);
    }
    (saying.1)(error.code()).map_or(Ok(()), Err)
}

fn ignored(_: &str) -> Option<Refused> {
    None
}

fn login_refused(code: &str) -> Option<Refused> {
    Some(match code {
        "LOADING" | "MASTERDOWN" => Refused::Server(code.to_owned()),
        "NOAUTH" => Refused::NoLogin,
        _ => Refused::Login,
    })
}

fn hello(code: &str) -> Option<Refused> {
    Some(match code {
        "ERR" | "NOPROTO" => Refused::Protocol,
        other => return login_refused(other),
    })
}

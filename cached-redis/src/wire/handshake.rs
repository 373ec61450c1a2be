//! What is said first on a new connection.

use redis::{ServerError, Value};

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
pub(crate) type Saying = (Vec<u8>, fn(&Refusal<'_>) -> Option<Refused>);

/// What a server says when it refuses.
///
/// The text tells apart what has the same code. It can name users and their commands, so it is
/// looked at and never passed on.
pub(crate) struct Refusal<'a> {
    code: &'a str,
    text: &'a str,
}

impl<'a> Refusal<'a> {
    fn of(error: &'a ServerError) -> Self {
        Self { code: error.code(), text: error.details().unwrap_or_default() }
    }

    /// Tells whether it is an error without a code of its own, with one of these words in it.
    fn says(&self, words: &[&str]) -> bool {
        self.code == "ERR" && words.iter().any(|words| self.text.contains(words))
    }

    fn by_server(&self) -> Refused {
        Refused::Server(self.code.to_owned())
    }
}

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
            sayings.push((command(&[b"AUTH", password]), auth));
        }
        (false, true) => sayings.push((command(&[b"AUTH", user, password]), auth)),
        (false, false) => {}
    }
    if login.db != 0 {
        let db = login.db.to_string();
        sayings.push((command(&[b"SELECT", db.as_bytes()]), select));
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
    sayings.push((command(&[b"PING"]), ping));
    sayings
}

/// Judges the reply to a part of the greeting.
pub(crate) fn judge(saying: &Saying, reply: &Value) -> Result<(), Refused> {
    let Value::ServerError(error) = reply else { return Ok(()) };
    let refusal = Refusal::of(error);
    at_the_door(&refusal).or_else(|| (saying.1)(&refusal)).map_or(Ok(()), Err)
}

/// What is said to a client that is not let in, whatever it asks for.
fn at_the_door(refusal: &Refusal<'_>) -> Option<Refused> {
    match refusal.code {
        "DENIED" => Some(refusal.by_server()),
        _ if refusal.says(&["max number of clients"]) => Some(Refused::Full),
        _ => None,
    }
}

fn ignored(_: &Refusal<'_>) -> Option<Refused> {
    None
}

/// What servers of all versions say to a password, or a user name, that they do not take.
const NO_LOGIN: [&str; 4] = [
    "invalid password",
    "no password is set",
    "without any password configured",
    // One before version 6 to a user name.
    "wrong number of arguments for 'auth'",
];

fn auth(refusal: &Refusal<'_>) -> Option<Refused> {
    Some(match refusal.code {
        "NOAUTH" => Refused::NoLogin,
        "WRONGPASS" => Refused::Login,
        _ if refusal.says(&NO_LOGIN) => Refused::Login,
        _ => refusal.by_server(),
    })
}

fn hello(refusal: &Refusal<'_>) -> Option<Refused> {
    match refusal.code {
        "NOPROTO" => Some(Refused::Protocol),
        "NOAUTH" => Some(Refused::NoLogin),
        _ if refusal.says(&["unknown command"]) => Some(Refused::Protocol),
        _ => auth(refusal),
    }
}

fn select(refusal: &Refusal<'_>) -> Option<Refused> {
    Some(match refusal.code {
        "NOAUTH" => Refused::NoLogin,
        _ if refusal.says(&["out of range", "invalid DB index", "not allowed in cluster mode"]) => {
            Refused::Database
        }
        _ => refusal.by_server(),
    })
}

fn ping(refusal: &Refusal<'_>) -> Option<Refused> {
    match refusal.code {
        "NOAUTH" => Some(Refused::NoLogin),
        // A user who may not do this may still read and write, and a server that cannot save its
        // data, which refuses this as if it were a write, still reads.
        "NOPERM" | "MISCONF" => None,
        _ => Some(refusal.by_server()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(saying: fn(&Refusal<'_>) -> Option<Refused>, line: &str) -> Option<Refused> {
        let reply = redis::parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap();
        judge(&(Vec::new(), saying), &reply).err()
    }

    fn server(code: &str) -> Option<Refused> {
        Some(Refused::Server(code.to_owned()))
    }

    const ELSEWHERE: [(&str, &str); 4] = [
        ("LOADING", "LOADING Redis is loading the dataset in memory"),
        ("MASTERDOWN", "MASTERDOWN Link with MASTER is down"),
        ("DENIED", "DENIED Redis is running in protected mode"),
        ("ERR", "ERR something new"),
    ];

    #[test]
    fn only_what_is_said_of_a_login_is_about_the_login() {
        for line in [
            "WRONGPASS invalid username-password pair or user is disabled.",
            "ERR invalid password",
            "ERR Client sent AUTH, but no password is set",
            "ERR AUTH <password> called without any password configured for the default user.",
            "ERR wrong number of arguments for 'auth' command",
        ] {
            assert_eq!(refused(auth, line), Some(Refused::Login), "{line}");
        }
        assert_eq!(refused(auth, "NOAUTH Authentication required."), Some(Refused::NoLogin));
        for (code, line) in ELSEWHERE {
            assert_eq!(refused(auth, line), server(code), "{line}");
            assert_eq!(refused(hello, line), server(code), "{line}");
            assert_eq!(refused(select, line), server(code), "{line}");
            assert_eq!(refused(ping, line), server(code), "{line}");
        }
    }

    #[test]
    fn only_what_is_said_of_the_protocol_is_about_the_protocol() {
        for line in [
            "NOPROTO unsupported protocol version",
            "ERR unknown command `HELLO`, with args beginning with: `3`, ",
            "ERR unknown command 'HELLO'",
        ] {
            assert_eq!(refused(hello, line), Some(Refused::Protocol), "{line}");
        }
        assert_eq!(refused(hello, "WRONGPASS invalid"), Some(Refused::Login));
        assert_eq!(refused(hello, "NOAUTH HELLO must be called"), Some(Refused::NoLogin));
    }

    #[test]
    fn only_what_is_said_of_the_database_is_about_the_database() {
        for line in [
            "ERR DB index is out of range",
            "ERR invalid DB index",
            "ERR SELECT is not allowed in cluster mode",
        ] {
            assert_eq!(refused(select, line), Some(Refused::Database), "{line}");
        }
        assert_eq!(refused(select, "NOPERM this user has no permissions"), server("NOPERM"));
    }

    #[test]
    fn a_server_without_room_says_so_to_whatever_is_asked() {
        for saying in [auth, hello, select, ignored, ping] {
            let line = "ERR max number of clients reached";
            assert_eq!(refused(saying, line), Some(Refused::Full));
        }
        assert_eq!(refused(ignored, "DENIED protected mode"), server("DENIED"));
        assert_eq!(refused(ignored, "NOPERM no"), None);
    }

    #[test]
    fn a_server_that_cannot_save_is_used() {
        assert_eq!(refused(ping, "MISCONF Redis is configured to save RDB snapshots"), None);
    }
}

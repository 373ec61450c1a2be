//! Reading the address of the server, and writing about it without its credentials.

use std::fmt;

use cached_core::{Error, ErrorKind};
use redis::{Client, ConnectionAddr, IntoConnectionInfo};

const SCHEMES: [&str; 5] = ["redis", "valkey", "unix", "redis+unix", "valkey+unix"];

/// What may be said about a server: where it is and which database, not who we are there.
#[derive(Clone)]
pub(crate) struct Address {
    place: String,
    db: i64,
}

impl Address {
    pub(crate) fn db(&self) -> i64 {
        self.db
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

/// Turns a URL into a client that has not connected yet.
pub(crate) fn parse(url: &str) -> Result<(Client, Address), Error> {
    let wrong = |why: &str| Error::new(ErrorKind::Config, format!("`{}`: {why}", redact(url)));
    let Some((scheme, _)) = url.split_once("://") else {
        return Err(wrong("not a URL; write for instance `redis://localhost:6379/0`"));
    };
    if matches!(scheme, "rediss" | "valkeys") {
        return Err(wrong("TLS is not supported yet"));
    }
    if !SCHEMES.contains(&scheme) {
        let known: Vec<String> = SCHEMES.iter().map(|known| format!("`{known}://`")).collect();
        return Err(wrong(&format!("unknown scheme; known are {}", known.join(", "))));
    }
    // The description is a constant of the `redis` crate; the detail can be text of the URL.
    let info = url.into_connection_info().map_err(|error| wrong(why(&error)))?;
    let place = match info.addr() {
        ConnectionAddr::Tcp(host, port) if host.contains(':') => format!("[{host}]:{port}"),
        other => other.to_string(),
    };
    let db = info.redis_settings().db();
    if db < 0 {
        return Err(wrong("the number of the database is negative"));
    }
    let tcp = info.tcp_settings().clone().set_nodelay(true);
    let client =
        Client::open(info.set_tcp_settings(tcp)).map_err(|_| wrong("not a usable address"))?;
    Ok((client, Address { place, db }))
}

fn why(error: &redis::RedisError) -> &'static str {
    let text = error.to_string();
    [
        ("Invalid database number", "the part after the host must be the number of a database"),
        ("wildcard address", "a wildcard address cannot be connected to"),
        ("Missing hostname", "there is no host in it"),
        ("Missing path", "there is no path of a socket in it"),
        ("Invalid protocol version", "the protocol must be `resp2` or `resp3`"),
        ("not valid UTF-8", "the user or the password is not UTF-8"),
    ]
    .into_iter()
    .find_map(|(mark, why)| text.contains(mark).then_some(why))
    .unwrap_or("not a valid URL; write for instance `redis://localhost:6379/0`")
}

/// Leaves of a URL, which may be malformed, what cannot be part of a user name or a password.
fn redact(url: &str) -> String {
    const HIDDEN: &str = "...";
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+') => {
            (format!("{scheme}://"), rest)
        }
        _ => (String::new(), url),
    };
    let query = rest.find(['?', '#']);
    let rest = match (rest.rfind('@'), query) {
        // Either a password with a question mark or a query with an `@`: no telling.
        (Some(at), Some(query)) if query < at => return scheme + HIDDEN,
        (Some(at), query) => &rest[at + 1..query.unwrap_or(rest.len())],
        (None, query) => &rest[..query.unwrap_or(rest.len())],
    };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match host.rsplit_once(':') {
        Some((host, port)) if host.is_empty() || !port.bytes().all(|b| b.is_ascii_digit()) => {
            scheme + host + ":" + HIDDEN
        }
        _ => scheme + host + path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_url_is_taken_apart() {
        let cases = [
            ("redis://localhost", "localhost:6379", 0),
            ("redis://u:p@10.0.0.1:7000/3", "10.0.0.1:7000", 3),
            ("redis://[::1]:7000", "[::1]:7000", 0),
            ("valkey://host", "host:6379", 0),
            ("unix:///run/redis.sock?db=2&pass=hush", "/run/redis.sock", 2),
            ("redis+unix:///run/redis.sock", "/run/redis.sock", 0),
        ];
        for (url, place, db) in cases {
            let (_, address) = parse(url).unwrap();
            assert_eq!((address.to_string().as_str(), address.db()), (place, db), "{url}");
        }
    }

    #[test]
    fn a_bad_url_says_what_to_write() {
        let cases = [
            ("localhost:6379", "write for instance `redis://localhost:6379/0`"),
            ("http://localhost", "known are `redis://`, `valkey://`, `unix://`"),
            ("rediss://localhost", "TLS is not supported yet"),
            ("redis://localhost/users", "number of a database"),
            ("redis://localhost/-1", "negative"),
            ("redis://localhost:none", "not a valid URL"),
            ("redis://", "no host"),
            ("unix://", "path"),
            ("", "not a URL"),
        ];
        for (url, part) in cases {
            let error = parse(url).err().unwrap_or_else(|| panic!("{url} was taken"));
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(part), "{url}: {error}");
        }
    }

    // Bug 64.
    #[test]
    fn a_bad_url_is_named_without_its_credentials() {
        let urls = [
            "http://user:hush@host/0",
            "rediss://user:hush@host",
            "redis://user:hush@host/users",
            "redis://user:hush@host:none",
            "redis://user:hush/x@host/0",
            "redis://user:hush?x@host/0",
            "redis://user:hush#x@host/0",
            "redis://user:hush@x@host:none/0",
            "redis://:hush",
            "redis://host:hush",
            "redis//user:hush@host",
            "user:hush@host",
            "unix://?pass=hush",
            "http://host?pass=hush@x",
            "redis://user:hush@",
        ];
        for url in urls {
            let error = parse(url).err().unwrap_or_else(|| panic!("{url} was taken"));
            let said = format!("{error} {error:?}");
            assert!(!said.contains("hush"), "{url}: {said}");
            assert!(!said.contains("user:") && !said.contains("user@"), "{url}: {said}");
        }
    }
}

//! Reading the URL of a store.
//!
//! `scheme://[user][:password@]host[:port][,host[:port]..][/path][?option=value&..]`. It is read here
//! and not by a library, because several hosts make it no URL, and because a mistake has to be named
//! without the password, which can be anywhere in a text that is no URL.

mod options;
mod redact;

use std::path::PathBuf;

use cached_core::{Error, ErrorKind};

use crate::address::{Endpoint, PORT, SENTINEL_PORT};
use crate::settings::{Settings, TlsFiles, Topology};
use redact::redact;

const EXAMPLE: &str = "write for instance `redis://localhost:6379/0`";

/// What a scheme says.
struct Scheme {
    name: &'static str,
    kind: Kind,
    tls: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    One,
    Unix,
    Cluster,
    Sentinel,
}

const fn scheme(name: &'static str, kind: Kind, tls: bool) -> Scheme {
    Scheme { name, kind, tls }
}

const SCHEMES: [Scheme; 13] = [
    scheme("redis", Kind::One, false),
    scheme("rediss", Kind::One, true),
    scheme("unix", Kind::Unix, false),
    scheme("redis+unix", Kind::Unix, false),
    scheme("redis+cluster", Kind::Cluster, false),
    scheme("rediss+cluster", Kind::Cluster, true),
    scheme("redis+sentinel", Kind::Sentinel, false),
    scheme("rediss+sentinel", Kind::Sentinel, true),
    scheme("valkey", Kind::One, false),
    scheme("valkeys", Kind::One, true),
    scheme("valkey+unix", Kind::Unix, false),
    scheme("valkey+cluster", Kind::Cluster, false),
    scheme("valkey+sentinel", Kind::Sentinel, false),
];

/// Turns a URL into settings.
pub(crate) fn parse(url: &str) -> Result<Settings, Error> {
    read(url).map_err(|why| Error::new(ErrorKind::Config, format!("`{}`: {why}", redact(url))))
}

/// The parts of a URL, still encoded.
struct Parts<'a> {
    kind: Kind,
    login: Option<&'a str>,
    hosts: &'a str,
    path: &'a str,
    query: &'a str,
}

fn read(url: &str) -> Result<Settings, String> {
    let Some((name, rest)) = url.split_once("://") else {
        return Err(format!("not a URL; {EXAMPLE}"));
    };
    let Some(scheme) = SCHEMES.iter().find(|known| known.name == name) else {
        let known: Vec<String> =
            SCHEMES.iter().map(|known| format!("`{}://`", known.name)).collect();
        return Err(format!("unknown scheme; known are {}", known.join(", ")));
    };
    check_features(scheme)?;
    let parts = split(scheme.kind, rest)?;
    let mut settings = Settings::new(topology(&parts)?);
    if scheme.tls {
        settings.tls = Some(TlsFiles::default());
    }
    if let Some(login) = parts.login {
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        settings.login.user = non_empty(decode(user)?);
        settings.login.password = non_empty(decode(password)?);
    }
    if let Some(db) = database(&parts)? {
        settings.login.db = db;
    }
    options::apply(&mut settings, parts.query)?;
    Ok(settings)
}

fn check_features(scheme: &Scheme) -> Result<(), String> {
    let needs = |feature: &str| {
        Err(format!(
            "this needs the feature `redis-{feature}` of `cached-kit`, which is `{feature}` of \
             `cached-redis`"
        ))
    };
    match scheme.kind {
        _ if scheme.tls && !cfg!(feature = "tls") => needs("tls"),
        Kind::Cluster if !cfg!(feature = "cluster") => needs("cluster"),
        _ => Ok(()),
    }
}

fn split(kind: Kind, rest: &str) -> Result<Parts<'_>, String> {
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    if !fragment.is_empty() {
        return Err("there is a `#` in it; in a password, write it as `%23`".to_owned());
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    if query.contains('@') {
        return Err("there is a `?` before the `@`; in a password, write it as `%3F`".to_owned());
    }
    let (login, rest) = match rest.rsplit_once('@') {
        // In the path of a socket, it is a character as any other.
        Some(_) if kind == Kind::Unix && rest.starts_with('/') => (None, rest),
        Some((login, rest)) => (Some(login), rest),
        None => (None, rest),
    };
    if login.is_some_and(|login| login.contains(['@', '/'])) {
        let why =
            "there is a `/` or an `@` in the user name or the password; write it as `%2F` or `%40`";
        return Err(why.to_owned());
    }
    if rest.contains(['&', '=']) {
        let why = "the first option follows a `?`, only further ones an `&`; what is no option, \
                   write as `%26` or `%3D`";
        return Err(why.to_owned());
    }
    let (hosts, path) = match rest.find('/') {
        Some(slash) if kind != Kind::Unix => (&rest[..slash], &rest[slash + 1..]),
        None if kind != Kind::Unix => (rest, ""),
        _ => ("", rest),
    };
    Ok(Parts { kind, login, hosts, path, query })
}

fn topology(parts: &Parts<'_>) -> Result<Topology, String> {
    match parts.kind {
        Kind::Unix if !parts.path.starts_with('/') => {
            Err("there is no path of a socket in it, which begins with `/`; write for instance \
                 `unix:///run/redis.sock`"
                .into())
        }
        Kind::Unix => Ok(Topology::One(Endpoint::Unix(PathBuf::from(decode(parts.path)?)))),
        Kind::One => {
            let mut hosts = hosts(parts.hosts, PORT)?;
            match (hosts.pop(), hosts.is_empty()) {
                (Some(server), true) => Ok(Topology::One(server)),
                _ => Err("several hosts are a cluster or sentinels; write `redis+cluster://` or \
                          `redis+sentinel://`"
                    .to_owned()),
            }
        }
        Kind::Cluster => Ok(Topology::Cluster(hosts(parts.hosts, PORT)?)),
        Kind::Sentinel => {
            let sentinels = hosts(parts.hosts, SENTINEL_PORT)?;
            let master = decode(parts.path.split('/').next().unwrap_or_default())?;
            if master.is_empty() {
                return Err("the name of the primary is missing; write for instance \
                            `redis+sentinel://host1,host2/mymaster/0`"
                    .to_owned());
            }
            Ok(Topology::Sentinel { sentinels, master })
        }
    }
}

/// The number of the database, which is the path, or stands behind the name of the primary.
fn database(parts: &Parts<'_>) -> Result<Option<i64>, String> {
    let text = match parts.kind {
        Kind::Unix => return Ok(None),
        Kind::One | Kind::Cluster => parts.path,
        Kind::Sentinel => parts.path.split_once('/').map_or("", |(_, db)| db),
    };
    if text.is_empty() {
        return Ok(None);
    }
    options::database(text).map(Some)
}

fn hosts(text: &str, port: u16) -> Result<Vec<Endpoint>, String> {
    if text.is_empty() {
        return Err(format!("there is no host in it; {EXAMPLE}"));
    }
    text.split(',').map(|host| endpoint(host, port)).collect()
}

/// Reads `host[:port]`; an IPv6 address stands in brackets.
pub(crate) fn endpoint(text: &str, default_port: u16) -> Result<Endpoint, String> {
    let wrong = || format!("a host or a port in it cannot be read; {EXAMPLE}");
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or_else(wrong)?;
            (host, port.strip_prefix(':').or(port.is_empty().then_some("")).ok_or_else(wrong)?)
        }
        None => text.split_once(':').unwrap_or((text, "")),
    };
    if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(format!("there is no host in it; {EXAMPLE}"));
    }
    let port = match port {
        "" => default_port,
        port => port.parse().map_err(|_| wrong())?,
    };
    if host.parse().is_ok_and(|address: std::net::IpAddr| address.is_unspecified()) {
        return Err("a wildcard address cannot be connected to".to_owned());
    }
    Ok(Endpoint::Tcp { host: decode(host)?, port })
}

fn non_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Undoes the percent-encoding.
fn decode(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
            return Err(
                "a `%` in it is not followed by two hex digits; write it as `%25`".to_owned()
            );
        };
        bytes.push((high * 16 + low) as u8);
    }
    String::from_utf8(bytes).map_err(|_| "what is encoded in it is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests;

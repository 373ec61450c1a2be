//! The options behind the `?` of a URL.

use std::path::PathBuf;
use std::time::Duration;

use super::decode;
use crate::settings::{Settings, TlsFiles, Topology};

type Apply = fn(&mut Settings, String) -> Result<(), String>;

/// Every option: its name, what it takes, and what it does.
const OPTIONS: [(&str, &str, Apply); 18] = [
    ("db", "a number", |settings, value| {
        settings.login.db = database(&value)?;
        Ok(())
    }),
    ("user", "a name", |settings, value| set(&mut settings.login.user, Some(value))),
    ("pass", "a password", |settings, value| set(&mut settings.login.password, Some(value))),
    ("sentinel_user", "a name", |settings, value| {
        set(&mut settings.sentinel_login.user, Some(value))
    }),
    ("sentinel_pass", "a password", |settings, value| {
        set(&mut settings.sentinel_login.password, Some(value))
    }),
    ("client_name", "a name without spaces", |settings, value| {
        set(&mut settings.login.name, Some(value))
    }),
    ("protocol", "`resp2` or `resp3`", |settings, value| match value.as_str() {
        "resp2" | "2" => set(&mut settings.login.resp3, false),
        "resp3" | "3" => set(&mut settings.login.resp3, true),
        _ => Err(String::new()),
    }),
    ("op_timeout", "a time", |settings, value| set(&mut settings.op_timeout, time(&value)?)),
    ("connect_timeout", "a time", |settings, value| {
        set(&mut settings.connect_timeout, time(&value)?)
    }),
    ("keepalive", "a time or `off`", |settings, value| {
        set(&mut settings.tcp.keepalive, time_or_off(&value)?)
    }),
    ("user_timeout", "a time or `off`", |settings, value| {
        set(&mut settings.tcp.user_timeout, time_or_off(&value)?)
    }),
    ("health_check", "a time or `off`", |settings, value| {
        set(&mut settings.health_check, time_or_off(&value)?)
    }),
    ("retries", "a number", |settings, value| set(&mut settings.retries, number(&value)?)),
    ("connections", "a number", |settings, value| set(&mut settings.connections, number(&value)?)),
    ("blocking_connections", "a number", |settings, value| {
        set(&mut settings.blocking_connections, number(&value)?)
    }),
    ("read_from_replicas", "`true` or `false`", |settings, value| {
        set(&mut settings.from_replicas, value.parse().map_err(|_| String::new())?)
    }),
    ("ca", "the path of a PEM file", |settings, value| {
        set(&mut tls(settings)?.ca, Some(PathBuf::from(value)))
    }),
    ("cert", "the paths of two PEM files, `cert=..&key=..`", |settings, value| {
        let files = tls(settings)?;
        let key = files.client.take().map(|(_, key)| key).unwrap_or_default();
        set(&mut files.client, Some((PathBuf::from(value), key)))
    }),
];

/// Stands apart from the table because it belongs to `cert`.
const KEY: &str = "key";

/// Applies all options of a query.
pub(super) fn apply(settings: &mut Settings, query: &str) -> Result<(), String> {
    for option in query.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = decode(value)?;
        if name == KEY {
            let files = tls(settings)?;
            let certificate = files.client.take().map(|(file, _)| file).unwrap_or_default();
            files.client = Some((certificate, PathBuf::from(value)));
            continue;
        }
        let Some((_, takes, apply)) = OPTIONS.iter().find(|known| known.0 == name) else {
            return Err(unknown(name));
        };
        apply(settings, value).map_err(|why| match why.is_empty() {
            true => format!("the option `{name}` takes {takes}"),
            false => why,
        })?;
    }
    let half = |path: &PathBuf| path.as_os_str().is_empty();
    if let Some(TlsFiles { client: Some((certificate, key)), .. }) = &settings.tls
        && (half(certificate) || half(key))
    {
        return Err("a client certificate needs both `cert=..` and `key=..`".to_owned());
    }
    if settings.from_replicas && matches!(settings.topology, Topology::One(_)) {
        return Err(
            "`read_from_replicas` needs a cluster or sentinels, which know the replicas".into()
        );
    }
    Ok(())
}

fn unknown(name: &str) -> String {
    let mut known: Vec<String> = OPTIONS.iter().map(|known| format!("`{}`", known.0)).collect();
    known.push(format!("`{KEY}`"));
    // Nothing is repeated that could be a part of something else.
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let name = if plain { format!(" `{name}`") } else { String::new() };
    format!("there is an unknown option{name} in it; known are {}", known.join(", "))
}

fn set<T>(place: &mut T, value: T) -> Result<(), String> {
    *place = value;
    Ok(())
}

fn tls(settings: &mut Settings) -> Result<&mut TlsFiles, String> {
    settings.tls.as_mut().ok_or_else(|| "certificates need `rediss://`, which is TLS".to_owned())
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| String::new())
}

pub(super) fn database(text: &str) -> Result<i64, String> {
    match text.parse() {
        Ok(db) if db >= 0 => Ok(db),
        Ok(_) => Err("the number of the database is negative".to_owned()),
        Err(_) => Err("the part after the host must be the number of a database".to_owned()),
    }
}

fn time_or_off(text: &str) -> Result<Option<Duration>, String> {
    if text == "off" { Ok(None) } else { time(text).map(Some) }
}

fn time(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| times())?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs).ok_or_else(times),
        _ => Err(times()),
    }
}

fn times() -> String {
    "a time has a unit: `250ms`, `2s` or `1m`".to_owned()
}

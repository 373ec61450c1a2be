//! What the operations say to the server.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use cached_core::{Error, Timeout, Ttl};
use futures_util::future::join_all;
use redis::{Cmd, FromRedisValue, Script, ToSingleRedisArg, cmd};

use crate::cluster::slot_of;
use crate::desk::Desk;
use crate::error;
use crate::failure::Failure;
use crate::net::Role;
use crate::prefix::Prefix;
use crate::request::{Repeat, Request};

/// How many keys go into one round trip.
const CHUNK_KEYS: usize = 1000;
/// How many bytes of values go into one round trip, at about which one more is not added.
const CHUNK_BYTES: usize = 1 << 20;
/// A lifetime that stands for all longer ones: the server refuses what overflows its clock.
const MAX_MILLIS: u64 = 1000 * 365 * 24 * 60 * 60 * 1000;

/// Adds, and gives a lifetime to what was not there before.
///
/// The sum is read back as text, because a Lua number cannot hold every `i64`.
const INCR: &str = r"
local absent = redis.call('EXISTS', KEYS[1]) == 0
local sum = redis.pcall('INCRBY', KEYS[1], ARGV[1])
if type(sum) == 'table' and sum.err then return sum end
if absent and ARGV[2] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('GET', KEYS[1])
";

static INCR_SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(INCR));

pub(crate) fn set(key: &str, value: &[u8], timeout: Timeout) -> Request {
    Request::One(set_command(key, value, timeout))
}

pub(crate) fn ttl(key: &str) -> Request {
    Request::One(command("PTTL", key))
}

pub(crate) fn ttl_of(pttl: i64) -> Ttl {
    match u64::try_from(pttl) {
        Ok(left) => Ttl::Left(Timeout::After(Duration::from_millis(left))),
        Err(_) if pttl == -1 => Ttl::Left(Timeout::Never),
        Err(_) => Ttl::Absent,
    }
}

/// The last reply tells whether the key was there.
pub(crate) fn touch(key: &str, timeout: Timeout) -> Request {
    let mut pipeline = redis::pipe();
    match millis(timeout) {
        Some(millis) => pipeline.cmd("PEXPIRE").arg(key).arg(millis),
        // `PERSIST` says 0 for a key without expiry, too.
        None => pipeline.cmd("PERSIST").arg(key).cmd("EXISTS").arg(key),
    };
    Request::many(pipeline)
}

pub(crate) async fn delete(desk: &Desk, keys: &[String]) -> Result<u64, Error> {
    let mut removed = 0;
    for keys in keys.chunks(CHUNK_KEYS) {
        removed += unlink(desk, keys).await?;
    }
    Ok(removed)
}

/// Removes keys, given whole, in one round trip; there must be at least one.
///
/// In a cluster, what the others have is removed even if one of its nodes does not answer.
pub(crate) async fn unlink<K: Key>(desk: &Desk, keys: &[K]) -> Result<u64, Error> {
    if !desk.is_cluster() {
        return desk.query(&Request::One(many("UNLINK", keys)), Repeat::Harmless).await;
    }
    let requests: Vec<_> =
        by_slot(keys).into_values().map(|keys| Request::One(many("UNLINK", &keys))).collect();
    let removals = requests.iter().map(|one| desk.query::<u64>(one, Repeat::Harmless));
    join_all(removals).await.into_iter().sum()
}

/// The keys of each slot: those of several slots are refused in one command (bug 47).
fn by_slot<K: Key>(keys: &[K]) -> HashMap<u16, Vec<&K>> {
    let mut slots: HashMap<u16, Vec<&K>> = HashMap::new();
    for key in keys {
        slots.entry(slot_of(b"", key.as_ref())).or_default().push(key);
    }
    slots
}

/// A key, whole: text or not.
pub(crate) trait Key: ToSingleRedisArg + AsRef<[u8]> {}
impl<T: ToSingleRedisArg + AsRef<[u8]>> Key for T {}

/// Reads keys, of which replicas may be asked or not.
pub(crate) async fn get_many(
    desk: &Desk,
    keys: &[String],
    role: Role,
) -> Result<Vec<Option<Vec<u8>>>, Error> {
    let mut values = Vec::with_capacity(keys.len());
    for keys in keys.chunks(CHUNK_KEYS) {
        if desk.is_cluster() {
            let reads = keys.iter().map(|key| get_one(desk, key, role));
            let found: Result<Vec<_>, Error> = join_all(reads).await.into_iter().collect();
            values.extend(found?);
            continue;
        }
        let request = Request::One(many("MGET", keys));
        let reply = desk.ask(&request, role, Repeat::Harmless, desk.deadline()).await;
        let found: Vec<Option<Vec<u8>>> = desk.read(reply)?;
        if found.len() != keys.len() {
            return Err(error::wrong_count(desk.address()));
        }
        values.extend(found);
    }
    Ok(values)
}

async fn get_one(desk: &Desk, key: &str, role: Role) -> Result<Option<Vec<u8>>, Error> {
    // As `GET` refuses values of another type, where `MGET` finds nothing.
    let request = Request::One(command("MGET", key));
    let reply = desk.ask(&request, role, Repeat::Harmless, desk.deadline()).await;
    let found: Vec<Option<Vec<u8>>> = desk.read(reply)?;
    found.into_iter().next().ok_or_else(|| error::wrong_count(desk.address()))
}

/// Writes entries: several at a time in one round trip, or, where they lie on several servers, at
/// the same time.
pub(crate) async fn set_many(
    desk: &Desk,
    prefix: &Prefix,
    entries: &[(String, Vec<u8>)],
    timeout: Timeout,
) -> Result<(), Error> {
    for entries in chunks(entries) {
        let commands =
            entries.iter().map(|(key, value)| set_command(&prefix.key(key), value, timeout));
        if desk.is_cluster() {
            let requests: Vec<_> = commands.map(Request::One).collect();
            let writes =
                requests.iter().map(|one| desk.query::<redis::Value>(one, Repeat::Harmless));
            join_all(writes).await.into_iter().collect::<Result<Vec<_>, Error>>()?;
            continue;
        }
        let mut pipeline = redis::pipe();
        for command in commands {
            pipeline.add_command(command);
        }
        desk.query::<redis::Value>(&Request::many(pipeline), Repeat::Harmless).await?;
    }
    Ok(())
}

/// Cuts what is written by number and by size.
fn chunks(mut entries: &[(String, Vec<u8>)]) -> impl Iterator<Item = &[(String, Vec<u8>)]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |(index, (_, value)): (usize, &(String, Vec<u8>))| {
            bytes += value.len();
            index == 0 || (index < CHUNK_KEYS && bytes <= CHUNK_BYTES)
        };
        let count = entries.iter().enumerate().map(fits).take_while(|fits| *fits).count();
        let (chunk, rest) = entries.split_at(count);
        entries = rest;
        (!chunk.is_empty()).then_some(chunk)
    })
}

pub(crate) async fn incr(desk: &Desk, key: &str, by: i64, timeout: Timeout) -> Result<i64, Error> {
    let lifetime = millis(timeout).map(|millis| millis.to_string()).unwrap_or_default();
    let request = |name: &str, script: &str| {
        let mut command = cmd(name);
        command.arg(script).arg(1).arg(key).arg(by).arg(&lifetime);
        Request::One(command)
    };
    let deadline = desk.deadline();
    let by_hash = request("EVALSHA", INCR_SCRIPT.get_hash());
    let reply = match desk.ask(&by_hash, Role::Primary, Repeat::Never, deadline).await {
        Err(Failure::Redis(error)) if is_missing_script(&error) => {
            desk.ask(&request("EVAL", INCR), Role::Primary, Repeat::Never, deadline).await
        }
        reply => reply,
    };
    match reply {
        Err(Failure::Redis(error)) if error::is_not_an_integer(&error) => {
            Err(error::not_an_integer())
        }
        reply => desk.read(reply),
    }
}

fn is_missing_script(error: &redis::RedisError) -> bool {
    error.kind() == redis::ErrorKind::Server(redis::ServerErrorKind::NoScript)
}

/// Whether the key was there, from the replies to [`touch`].
pub(crate) fn was_there(replies: redis::Value) -> Option<bool> {
    let replies = Vec::<i64>::from_redis_value(replies).ok()?;
    replies.last().map(|last| *last != 0)
}

fn command(name: &str, key: &str) -> Cmd {
    // Made to measure: growing twice costs more than everything else here.
    let mut command = Cmd::with_capacity(2, name.len() + key.len());
    command.arg(name).arg(key);
    command
}

pub(crate) fn many(name: &str, keys: &[impl redis::ToSingleRedisArg]) -> Cmd {
    let mut command = cmd(name);
    for key in keys {
        command.arg(key);
    }
    command
}

fn set_command(key: &str, value: &[u8], timeout: Timeout) -> Cmd {
    let mut command = command("SET", key);
    command.arg(value);
    if let Some(millis) = millis(timeout) {
        command.arg("PX").arg(millis);
    }
    command
}

/// A lifetime as the server takes it; `None` is for ever.
fn millis(timeout: Timeout) -> Option<u64> {
    let Timeout::After(after) = timeout else { return None };
    let millis = after.as_nanos().div_ceil(1_000_000);
    Some(u64::try_from(millis).unwrap_or(MAX_MILLIS).clamp(1, MAX_MILLIS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_never_nothing_and_never_too_much() {
        let of = |after| millis(Timeout::After(after));
        assert_eq!(of(Duration::ZERO), Some(1));
        assert_eq!(of(Duration::from_nanos(1)), Some(1));
        assert_eq!(of(Duration::from_micros(1500)), Some(2));
        assert_eq!(of(Duration::from_secs(60)), Some(60_000));
        assert_eq!(of(Duration::MAX), Some(MAX_MILLIS));
        assert_eq!(millis(Timeout::Never), None);
    }

    #[test]
    fn many_writes_are_cut_by_number_and_by_size() {
        let lengths = |entries: &[(String, Vec<u8>)]| -> Vec<usize> {
            chunks(entries).map(<[_]>::len).collect()
        };
        let of = |count: usize, size: usize| vec![(String::from("k"), vec![0; size]); count];
        assert!(lengths(&of(0, 0)).is_empty());
        assert_eq!(lengths(&of(1000, 10)), [1000]);
        assert_eq!(lengths(&of(2001, 10)), [1000, 1000, 1]);
        assert_eq!(lengths(&of(3, CHUNK_BYTES / 2 + 1)), [1, 1, 1]);
        assert_eq!(lengths(&of(3, CHUNK_BYTES / 2)), [2, 1]);
        assert_eq!(lengths(&of(2, CHUNK_BYTES + 1)), [1, 1]);
    }
}

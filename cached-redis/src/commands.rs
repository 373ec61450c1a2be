//! What the operations say to the server.

use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use cached_core::{Error, Timeout, Ttl};
use redis::{Cmd, Script, cmd};

use crate::connection::{Failure, Repeat, Request, Slot, Used};
use crate::error;
use crate::prefix::Prefix;

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

pub(crate) fn get(key: &str) -> Request {
    Request::One(command("GET", key))
}

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

/// Replies with one value: whether the key was there.
pub(crate) fn touch(key: &str, timeout: Timeout) -> Request {
    let mut pipeline = redis::pipe();
    match millis(timeout) {
        Some(millis) => pipeline.cmd("PEXPIRE").arg(key).arg(millis),
        // `PERSIST` says 0 for a key without expiry, too.
        None => pipeline.cmd("PERSIST").arg(key).ignore().cmd("EXISTS").arg(key),
    };
    Request::Many(pipeline)
}

pub(crate) async fn delete(slot: &Arc<Slot>, keys: &[String]) -> Result<u64, Error> {
    let mut removed = 0;
    for keys in keys.chunks(CHUNK_KEYS) {
        removed += unlink(slot, keys).await?;
    }
    Ok(removed)
}

/// Removes keys, given whole, in one round trip; there must be at least one.
pub(crate) async fn unlink(
    slot: &Arc<Slot>,
    keys: &[impl redis::ToSingleRedisArg],
) -> Result<u64, Error> {
    slot.query(&Request::One(many("UNLINK", keys)), Repeat::Harmless).await
}

pub(crate) async fn get_many(
    slot: &Arc<Slot>,
    keys: &[String],
) -> Result<Vec<Option<Vec<u8>>>, Error> {
    let mut values = Vec::with_capacity(keys.len());
    for keys in keys.chunks(CHUNK_KEYS) {
        let request = Request::One(many("MGET", keys));
        let found: Vec<Option<Vec<u8>>> = slot.query(&request, Repeat::Harmless).await?;
        if found.len() != keys.len() {
            return Err(error::wrong_count(&slot.target().address));
        }
        values.extend(found);
    }
    Ok(values)
}

pub(crate) fn set_many(
    prefix: &Prefix,
    entries: &[(String, Vec<u8>)],
    timeout: Timeout,
) -> Vec<Request> {
    let mut requests = Vec::new();
    let mut pipeline = redis::pipe();
    let (mut count, mut bytes) = (0, 0);
    for (key, value) in entries {
        if count == CHUNK_KEYS || (count > 0 && bytes + value.len() > CHUNK_BYTES) {
            requests.push(Request::Many(std::mem::take(&mut pipeline)));
            (count, bytes) = (0, 0);
        }
        pipeline.add_command(set_command(&prefix.key(key), value, timeout)).ignore();
        count += 1;
        bytes += value.len();
    }
    if count > 0 {
        requests.push(Request::Many(pipeline));
    }
    requests
}

pub(crate) async fn incr(
    slot: &Arc<Slot>,
    key: &str,
    by: i64,
    timeout: Timeout,
) -> Result<i64, Error> {
    let lifetime = millis(timeout).map(|millis| millis.to_string()).unwrap_or_default();
    let request = |name: &str, script: &str| {
        let mut command = cmd(name);
        command.arg(script).arg(1).arg(key).arg(by).arg(&lifetime);
        Request::One(command)
    };
    let used = Used::default();
    let work = pin!(async {
        let by_hash = request("EVALSHA", INCR_SCRIPT.get_hash());
        match slot.exchange(&by_hash, Repeat::Never, &used).await {
            Err(Failure::Request(error)) if error::is_missing_script(&error) => {
                slot.exchange(&request("EVAL", INCR), Repeat::Never, &used).await
            }
            outcome => outcome,
        }
    });
    slot.in_time(work, &used).await.map_err(|failure| match failure {
        Failure::Request(error) if error::is_not_an_integer(&error) => error::not_an_integer(),
        failure => slot.explain(failure),
    })
}

fn command(name: &str, key: &str) -> Cmd {
    // Made to measure: growing twice costs more than everything else here.
    let mut command = Cmd::with_capacity(2, name.len() + key.len());
    command.arg(name).arg(key);
    command
}

fn many(name: &str, keys: &[impl redis::ToSingleRedisArg]) -> Cmd {
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
        let prefix = Prefix::new("p").unwrap();
        let count =
            |entries: &[(String, Vec<u8>)]| set_many(&prefix, entries, Timeout::Never).len();
        let small = vec![(String::from("k"), vec![0; 10]); 2001];
        let large = vec![(String::from("k"), vec![0; CHUNK_BYTES / 2 + 1]); 3];
        assert_eq!((count(&[]), count(&small[..1000]), count(&small)), (0, 1, 3));
        assert_eq!(count(&large), 3);
    }
}

//! Asking the sentinels where the primary is.
//!
//! Every connection asks anew, so a failover is followed as soon as the old connection is given up:
//! when it breaks, does not answer, or says that it leads to a replica now.

use cached_core::Error;
use redis::{FromRedisValue, Value};

use super::{Opener, Role, RoundTrip, Stream, race};
use crate::address::Endpoint;
use crate::error;
use crate::wire::command;

/// Connects to the primary, or to one of its replicas if there is any, and tells which it is.
pub(crate) async fn find(
    opener: &Opener,
    sentinels: &[Endpoint],
    master: &str,
    role: Role,
) -> Result<(Stream, Endpoint), Error> {
    // One that hangs must not use up the time of the others, and one can lag behind the others.
    let askings: Vec<_> =
        sentinels.iter().map(|sentinel| through(opener, sentinel, master, role)).collect();
    race(askings).await.map_err(|failure| failure.unwrap_or_else(|| error::no_sentinel(master)))
}

async fn through(
    opener: &Opener,
    sentinel: &Endpoint,
    master: &str,
    role: Role,
) -> Result<(Stream, Endpoint), Error> {
    let server = ask(opener, sentinel, master, role).await?;
    let mut stream = opener.connect(&server, &opener.settings.login).await?;
    if role == Role::Primary && !is_primary(&mut stream, &server).await? {
        return Err(error::not_the_primary(&server));
    }
    Ok((stream, server))
}

async fn ask(
    opener: &Opener,
    sentinel: &Endpoint,
    master: &str,
    role: Role,
) -> Result<Endpoint, Error> {
    let mut stream = opener.connect(sentinel, &opener.settings.sentinel_login).await?;
    let mut trip = RoundTrip::new(&mut stream, sentinel);
    if role == Role::Replica {
        trip.send(&command(&[b"SENTINEL", b"replicas", master.as_bytes()])).await?;
        if let Some(replica) = pick_replica(&trip.reply().await?) {
            return Ok(replica);
        }
    }
    trip.send(&command(&[b"SENTINEL", b"get-master-addr-by-name", master.as_bytes()])).await?;
    let reply = trip.reply().await?;
    if let Value::ServerError(refusal) = &reply {
        return Err(error::no_such_sentinel(sentinel, refusal));
    }
    match <(String, u16)>::from_redis_value(reply) {
        Ok((host, port)) => Ok(Endpoint::Tcp { host, port }),
        Err(_) => Err(error::unknown_master(sentinel, master)),
    }
}

/// Asks the server itself: for a while, a sentinel still names the old one.
async fn is_primary(stream: &mut Stream, server: &Endpoint) -> Result<bool, Error> {
    let mut trip = RoundTrip::new(stream, server);
    trip.send(&command(&[b"ROLE"])).await?;
    Ok(match trip.reply().await? {
        Value::Array(parts) => {
            matches!(parts.first(), Some(Value::BulkString(role)) if role == b"master")
        }
        // The user may not ask; writes will tell.
        _ => true,
    })
}

/// Takes one that is not reported to be down; another one for each process.
fn pick_replica(reply: &Value) -> Option<Endpoint> {
    let Value::Array(replicas) = reply else { return None };
    let sound: Vec<_> = replicas.iter().filter_map(replica).collect();
    let chosen = std::process::id() as usize % sound.len().max(1);
    sound.into_iter().nth(chosen)
}

fn replica(facts: &Value) -> Option<Endpoint> {
    let facts: std::collections::HashMap<String, String> =
        FromRedisValue::from_redis_value(facts.clone()).ok()?;
    let down = ["s_down", "o_down", "disconnected"];
    let flags = facts.get("flags")?;
    if flags.split(',').any(|flag| down.contains(&flag)) {
        return None;
    }
    if facts.get("master-link-status").is_some_and(|status| status != "ok") {
        return None;
    }
    Some(Endpoint::Tcp { host: facts.get("ip")?.clone(), port: facts.get("port")?.parse().ok()? })
}

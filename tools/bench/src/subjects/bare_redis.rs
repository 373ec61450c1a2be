//! The crate `redis` with nothing around it: a `GET` on a multiplexed connection, and MessagePack.

use std::hint::black_box;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, OnceLock, PoisonError};

use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, AsyncConnectionConfig, Commands, Connection};

use super::{Blocking, BoxError, InRedis, Large, Many, PATIENCE, Profile, TIMEOUT_SECS};

static PROFILE_RUNS: AtomicU64 = AtomicU64::new(0);
static CONNECTION: OnceLock<MultiplexedConnection> = OnceLock::new();

pub(super) const IN_REDIS: InRedis = InRedis {
    name: "redis",
    prepare: |url| {
        let client = redis::Client::open(url);
        Box::pin(async move {
            let config = AsyncConnectionConfig::new().set_response_timeout(Some(PATIENCE));
            let connection = client?.get_multiplexed_async_connection_with_config(&config).await?;
            CONNECTION.set(connection).map_err(|_| "the connection is made once".into())
        })
    },
    call_all: |ids| {
        Box::pin(async move {
            let mut connection = connection()?;
            for id in ids {
                black_box(profile(&mut connection, black_box(id)).await?);
            }
            Ok(())
        })
    },
    computed: &PROFILE_RUNS,
};

pub(super) const MANY: Many = Many {
    name: "redis",
    read: |ids, times| {
        Box::pin(async move {
            let mut connection = connection()?;
            let keys: Vec<String> = ids.iter().map(|id| format!("bare:profile:id={id}")).collect();
            for _ in 0..times {
                let found: Vec<Vec<u8>> = connection.mget(black_box(&keys)).await?;
                for bytes in found {
                    black_box(rmp_serde::from_slice::<Profile>(&bytes)?);
                }
            }
            Ok(())
        })
    },
};

pub(super) const LARGE: Large = Large {
    name: "redis",
    store: |size| {
        Box::pin(async move {
            let bytes = rmp_serde::to_vec(&"x".repeat(size))?;
            Ok(connection()?.set_ex::<_, _, ()>("bare:large", bytes, TIMEOUT_SECS).await?)
        })
    },
    read: || {
        Box::pin(async {
            let bytes: Vec<u8> = connection()?.get("bare:large").await?;
            black_box(rmp_serde::from_slice::<String>(&bytes)?);
            Ok(())
        })
    },
    small: |id| {
        Box::pin(async move {
            black_box(profile(&mut connection()?, black_box(id)).await?);
            Ok(())
        })
    },
};

static BLOCKED: Mutex<Option<Connection>> = Mutex::new(None);

pub(super) const BLOCKING: Blocking = Blocking {
    name: "redis",
    prepare: |url| {
        let connection = redis::Client::open(url)?.get_connection()?;
        connection.set_read_timeout(Some(PATIENCE))?;
        *BLOCKED.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        Ok(())
    },
    call_all: |ids| {
        let mut connection = BLOCKED.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = connection.as_mut().ok_or("the connection is made first")?;
        for id in ids {
            let key = format!("bare:profile_blocking:id={}", black_box(id));
            let found: Option<Vec<u8>> = connection.get(&key)?;
            match found {
                Some(bytes) => drop(black_box(rmp_serde::from_slice::<Profile>(&bytes)?)),
                None => {
                    let profile = Profile::compute(*id, &PROFILE_RUNS);
                    let bytes = rmp_serde::to_vec_named(&profile)?;
                    connection.set_ex::<_, _, ()>(&key, bytes, TIMEOUT_SECS)?;
                }
            }
        }
        Ok(())
    },
};

fn connection() -> Result<MultiplexedConnection, BoxError> {
    Ok(CONNECTION.get().ok_or("the connection is made first")?.clone())
}

async fn profile(connection: &mut MultiplexedConnection, id: u64) -> Result<Profile, BoxError> {
    // As long as the keys of the others.
    let key = format!("bare:profile:id={id}");
    let found: Option<Vec<u8>> = connection.get(&key).await?;
    if let Some(bytes) = found {
        return Ok(rmp_serde::from_slice(&bytes)?);
    }
    let profile = Profile::compute(id, &PROFILE_RUNS);
    let bytes = rmp_serde::to_vec_named(&profile)?;
    connection.set_ex::<_, _, ()>(&key, bytes, TIMEOUT_SECS).await?;
    Ok(profile)
}

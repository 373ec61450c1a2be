//! The crate `redis` with nothing around it: a `GET` on a multiplexed connection, and MessagePack.

use std::hint::black_box;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;

use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, AsyncConnectionConfig};

use super::{Failure, InRedis, PATIENCE, Profile, TIMEOUT_SECS};

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
            let connection = CONNECTION.get().ok_or("the connection is made first")?;
            let mut connection = connection.clone();
            for id in ids {
                black_box(profile(&mut connection, black_box(id)).await?);
            }
            Ok(())
        })
    },
    computed: &PROFILE_RUNS,
};

async fn profile(connection: &mut MultiplexedConnection, id: u64) -> Result<Profile, Failure> {
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

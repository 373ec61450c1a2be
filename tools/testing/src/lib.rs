//! Starts what the tests of cached-kit need from outside: a real `redis-server`, alone, in a
//! cluster or watched by sentinels; a network that fails, and outages chosen by a seed; a server
//! that never answers, and time limits that turn a hang into a failure.
//!
//! Nothing here knows the toolkit's own crates, so every one of them can use it in its tests.

mod certificates;
mod clock;
mod cluster;
mod port;
mod process;
#[cfg(unix)]
mod proxy;
mod resp;
mod rng;
#[cfg(unix)]
mod scenario;
mod sentinel;
mod server;
mod tarpit;
mod timeout;
mod wait;

pub use certificates::Certificates;
pub use cluster::RedisCluster;
pub use port::free_port;
#[cfg(unix)]
pub use proxy::{ChaosProxy, Fault};
pub use resp::Reply;
pub use rng::Rng;
#[cfg(unix)]
pub use scenario::{Action, Scenario, Step};
pub use sentinel::RedisSentinels;
pub use server::RedisServer;
pub use tarpit::Tarpit;
pub use timeout::hard_timeout;

//! The servers of this program, and the stores over them.
//!
//! Stores are installed for the whole process, so all tests share them. They live as long as some
//! test holds them: statics are never dropped, and servers must not be left behind.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use cached_kit::{Caches, RedisStore};
use cached_testing::{RedisServer, Reply, Tarpit};

/// How long an operation of these stores may take.
pub(crate) const OP_TIMEOUT: Duration = Duration::from_millis(250);

pub(crate) struct Servers {
    /// Up all the time.
    pub(crate) live: RedisServer,
    /// For one test alone, which counts its commands.
    pub(crate) counted: RedisServer,
    /// One for each test that changes its server's state; the first is not running at first.
    pub(crate) absent: Mutex<RedisServer>,
    pub(crate) killed: Mutex<RedisServer>,
    pub(crate) paused: Mutex<RedisServer>,
    _tarpit: Tarpit,
}

/// Returns the servers, with the stores over them installed.
pub(crate) fn servers() -> Arc<Servers> {
    static CURRENT: Mutex<Weak<Servers>> = Mutex::new(Weak::new());
    let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(servers) = current.upgrade() {
        return servers;
    }
    let servers = Arc::new(start());
    *current = Arc::downgrade(&servers);
    servers
}

fn start() -> Servers {
    let server = || RedisServer::start().unwrap();
    let (live, counted) = (server(), server());
    let (mut absent, killed, paused) = (server(), server(), server());
    let tarpit = Tarpit::start().unwrap();
    absent.kill();
    let store = |url: String| {
        RedisStore::connect(url).prefix("app").op_timeout(OP_TIMEOUT).build().unwrap()
    };
    Caches::builder()
        .store("live", store(live.url()))
        .store("packed", crate::promises::packed(&live.url()))
        .store("counted", store(counted.url()))
        .store("absent", store(absent.url()))
        .store("killed", store(killed.url()))
        .store("paused", store(paused.url()))
        .store("tarpit", store(tarpit.url()))
        .install()
        .unwrap();
    Servers {
        live,
        counted,
        absent: Mutex::new(absent),
        killed: Mutex::new(killed),
        paused: Mutex::new(paused),
        _tarpit: tarpit,
    }
}

impl Servers {
    pub(crate) fn exists(&self, key: &str) -> bool {
        self.live.command(&["EXISTS", key]).unwrap() == Reply::Int(1)
    }

    /// Milliseconds that an entry of the live server has left.
    pub(crate) fn pttl(&self, key: &str) -> i64 {
        match self.live.command(&["PTTL", key]).unwrap() {
            Reply::Int(left) => left,
            other => panic!("{other:?}"),
        }
    }
}

/// The clock, to see how long a call took.
pub(crate) fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    #[allow(clippy::disallowed_methods, reason = "what is measured is real time")]
    let start = std::time::Instant::now();
    let output = run();
    (output, start.elapsed())
}

/// How many `SET`s a server has been sent.
pub(crate) fn sets(server: &RedisServer) -> usize {
    match server.command(&["INFO", "commandstats"]).unwrap() {
        Reply::Bulk(text) => {
            let text = String::from_utf8(text).unwrap();
            let calls = text.lines().find_map(|line| line.strip_prefix("cmdstat_set:calls="));
            calls.map_or(0, |calls| calls.split(',').next().unwrap().parse().unwrap())
        }
        other => panic!("{other:?}"),
    }
}

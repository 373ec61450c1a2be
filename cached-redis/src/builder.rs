//! The settings of a store.

mod check;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use cached_core::{Clock, Codec, Compression, Error, ErrorKind, Timeout};

use crate::RedisStore;
use crate::address::{Endpoint, SENTINEL_PORT};
use crate::backend::Foreign;
use crate::connector::Connector;
use crate::prefix::Prefix;
use crate::settings::{Settings, TlsFiles, Topology};
use crate::url;
use check::check;

/// The settings of a [`RedisStore`], made by [`RedisStore::connect`] and its siblings.
///
/// # Where the servers are
///
/// | URL | what it is |
/// |---|---|
/// | `redis://[user][:password@]host[:port][/db]` | one server; port 6379, database 0 |
/// | `rediss://..` | the same by TLS; needs the feature `tls` (of `cached-kit`: `redis-tls`) |
/// | `unix://[user:password@]/path/to/socket[?db=..&user=..&pass=..]` | one server on this machine |
/// | `redis+cluster://host1,host2,host3` | a cluster, of which some nodes are named; needs the feature `cluster` (`redis-cluster`). With TLS: `rediss+cluster://` |
/// | `redis+sentinel://host1,host2,host3/mymaster[/db]` | the primary that sentinels name, on port 26379. With TLS: `rediss+sentinel://` |
///
/// `valkey` is another word for `redis` in all of them. In user names and passwords, what has a
/// meaning in a URL is percent-encoded.
///
/// # Settings
///
/// Every setting of a connection can stand in the URL, too, as `?op_timeout=100ms&retries=0`; times
/// have a unit, `ms`, `s` or `m`, and some can be `off`.
///
/// | setting | in the URL | default |
/// |---|---|---|
/// | [`prefix`](Self::prefix) | | `cached-kit` |
/// | [`default_timeout`](Self::default_timeout) | | 300 s |
/// | [`codec`](Self::codec) | | MessagePack |
/// | [`compress`](Self::compress) | | nothing |
/// | [`op_timeout`](Self::op_timeout) | `op_timeout` | 250 ms |
/// | [`connect_timeout`](Self::connect_timeout) | `connect_timeout` | 2 s |
/// | [`retries`](Self::retries) | `retries` | 1 |
/// | [`keepalive`](Self::keepalive) | `keepalive` | 30 s |
/// | [`user_timeout`](Self::user_timeout) | `user_timeout` | 30 s |
/// | [`health_check_interval`](Self::health_check_interval) | `health_check` | 30 s |
/// | [`connections`](Self::connections) | `connections` | 1 for each runtime |
/// | [`blocking_connections`](Self::blocking_connections) | `blocking_connections` | 16 |
/// | [`user`](Self::user), [`password`](Self::password) | in front of the host | none |
/// | [`database`](Self::database) | path, or `db` | 0 |
/// | [`sentinel_login`](Self::sentinel_login) | `sentinel_user`, `sentinel_pass` | none |
/// | [`client_name`](Self::client_name) | `client_name` | none |
/// | [`resp3`](Self::resp3) | `protocol` | `resp2` |
/// | [`read_from_replicas`](Self::read_from_replicas) | `read_from_replicas` | `false` |
/// | [`certificate_authority`](Self::certificate_authority) | `ca` | the system's |
/// | [`client_certificate`](Self::client_certificate) | `cert`, `key` | none |
///
/// The breaker is not a setting: a server that failed 5 times in a row is left alone for 1 s, then for
/// twice as long each time, up to 30 s ([`Breaker`](cached_core::Breaker)).
#[derive(Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct RedisStoreBuilder {
    settings: Result<Settings, Error>,
    given: Option<Foreign>,
    prefix: String,
    default_timeout: Timeout,
    codec: Codec,
    compression: Compression,
}

impl RedisStoreBuilder {
    fn new(settings: Result<Settings, Error>) -> Self {
        Self {
            settings,
            given: None,
            prefix: "cached-kit".to_owned(),
            default_timeout: Timeout::After(Duration::from_secs(300)),
            codec: Codec::MessagePack,
            compression: Compression::none(),
        }
    }

    pub(crate) fn of_url(url: &str) -> Self {
        Self::new(url::parse(url))
    }

    pub(crate) fn of_connection(given: Foreign) -> Self {
        let builder = Self::new(Ok(Settings::new(Topology::Given)));
        Self { given: Some(given), ..builder }
    }

    fn of_topology(topology: Result<Topology, String>) -> Self {
        let wrong = |why| Error::new(ErrorKind::Config, why);
        Self::new(topology.map(Settings::new).map_err(wrong))
    }

    /// Sets the text that stands in front of every key, as `{prefix}:{key}`.
    ///
    /// All bytes but ASCII letters, digits, `-`, `_` and `.` are percent-encoded, so that
    /// any text is a good prefix and none contains a neighbour's keys. It must not be empty.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets how long entries live for which nobody named a timeout.
    pub fn default_timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.default_timeout = timeout.into();
        self
    }

    /// Sets how values become bytes; entries of the toolkit's own codecs can be read whatever is set
    /// here.
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// Sets whether these bytes are made smaller; entries in all algorithms that are compiled in can be
    /// read whatever is set here.
    pub fn compress(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Sets how long a caller waits for one round trip, connecting and repeating included.
    ///
    /// Operations on many keys make several round trips, each within this bound.
    pub fn op_timeout(self, timeout: Duration) -> Self {
        self.set(|settings| settings.op_timeout = timeout)
    }

    /// Sets how long an attempt to connect may take, with TLS and logging in.
    ///
    /// It goes on when the operation that started it has run out of time, so that a later one finds
    /// the connection ready.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.set(|settings| settings.connect_timeout = timeout)
    }

    /// Sets how often a request is sent again that met a connection which had died since its last
    /// use, or a server that is not the primary any more; 0 is never.
    ///
    /// All attempts together have `op_timeout`. What would be carried out twice, `incr`, is only
    /// repeated if the server has said that it did not carry it out.
    pub fn retries(self, retries: u32) -> Self {
        self.set(|settings| settings.retries = retries)
    }

    /// Sets after which silence the operating system asks the other side for a sign of life, from 1 s
    /// to 32767 s, in whole seconds; `None` is never.
    pub fn keepalive(self, idle: impl Into<Option<Duration>>) -> Self {
        let idle = idle.into();
        self.set(|settings| settings.tcp.keepalive = idle)
    }

    /// Sets after which time without an acknowledgement of what was sent the operating system gives a
    /// connection up (`TCP_USER_TIMEOUT`, where there is such a thing); `None` leaves it to the system.
    pub fn user_timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
        let timeout = timeout.into();
        self.set(|settings| settings.tcp.user_timeout = timeout)
    }

    /// Sets after which time without a request a connection is checked by a `PING`; `None` is never.
    pub fn health_check_interval(self, interval: impl Into<Option<Duration>>) -> Self {
        let interval = interval.into();
        self.set(|settings| settings.health_check = interval)
    }

    /// Sets how many connections each runtime has, in a cluster to each node. All are shared by all
    /// tasks of the runtime.
    ///
    /// One is the fastest for small values, as requests of many tasks leave together. More of them
    /// keep large values from standing in the way of small ones.
    pub fn connections(self, count: usize) -> Self {
        self.set(|settings| settings.connections = count)
    }

    /// Sets how many connections there are at most for callers that block; each of these needs one
    /// for itself, and waits for it if there is none. They are opened when they are needed. In a cluster,
    /// callers that block share the connections of the store's thread instead.
    pub fn blocking_connections(self, count: usize) -> Self {
        self.set(|settings| settings.blocking_connections = count)
    }

    /// Sets the name of the user (ACL).
    pub fn user(self, user: impl Into<String>) -> Self {
        let user = user.into();
        self.set(|settings| settings.login.user = Some(user))
    }

    /// Sets the password.
    pub fn password(self, password: impl Into<String>) -> Self {
        let password = password.into();
        self.set(|settings| settings.login.password = Some(password))
    }

    /// Sets the number of the database. Clusters have only 0.
    pub fn database(self, number: u32) -> Self {
        self.set(|settings| settings.login.db = i64::from(number))
    }

    /// Sets who we are at the sentinels, which do not know the users of the servers.
    pub fn sentinel_login(self, user: Option<&str>, password: &str) -> Self {
        self.set(|settings| {
            settings.sentinel_login.user = user.map(str::to_owned);
            settings.sentinel_login.password = Some(password.to_owned());
        })
    }

    /// Sets the name by which the server lists our connections (`CLIENT LIST`).
    pub fn client_name(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.set(|settings| settings.login.name = Some(name))
    }

    /// Sets whether version 3 of the protocol is spoken; a server before 6.0 does not know it.
    pub fn resp3(self, yes: bool) -> Self {
        self.set(|settings| settings.login.resp3 = yes)
    }

    /// Sets whether entries may be read from replicas, which takes load off the primary.
    ///
    /// A replica lags behind: what *another* process changes is seen a little later. What this process
    /// changed, invalidated or forced is read from the primary for the next 2 seconds. A replica that
    /// lags for longer than that can show this process the entry that it has replaced or removed.
    ///
    /// What is read from a replica is promoted into the memory layers above as any other hit, and
    /// stays there for the time of these layers: an old entry outlives the lag by as much. Where that
    /// is too long, give the memory layers a short timeout, or leave this off.
    ///
    /// Blocking callers always read from the primary. It needs a cluster or sentinels.
    pub fn read_from_replicas(self, yes: bool) -> Self {
        self.set(|settings| settings.from_replicas = yes)
    }

    /// Turns TLS on and trusts the authority in this PEM file instead of those of the system.
    ///
    /// The file is read when the first connection is made.
    pub fn certificate_authority(self, file: impl Into<PathBuf>) -> Self {
        let file = file.into();
        self.set(|settings| {
            settings.tls.get_or_insert_with(TlsFiles::default).ca = Some(file);
        })
    }

    /// Turns TLS on and shows the server this certificate; both files are PEM.
    pub fn client_certificate(
        self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        let files = (certificate.into(), key.into());
        self.set(|settings| {
            settings.tls.get_or_insert_with(TlsFiles::default).client = Some(files);
        })
    }

    /// Sets the clock of the breaker; the system's by default. Timeouts of connections always go by
    /// the system's.
    pub fn clock(self, clock: Clock) -> Self {
        self.set(|settings| settings.clock = clock)
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        if let Ok(settings) = &mut self.settings {
            change(settings);
        }
        self
    }

    /// Checks the settings and makes the store; it does no I/O.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] when the URL cannot be used, the prefix is empty, a timeout or a number of
    /// connections is zero, a timeout is longer than a day, or a setting needs what is not there: a
    /// feature, a cluster, sentinels.
    pub fn build(self) -> Result<RedisStore, Error> {
        let settings = self.settings?;
        let prefix = Prefix::new(self.prefix)?;
        check(&settings, self.default_timeout).map_err(|why| Error::new(ErrorKind::Config, why))?;
        let connector = match self.given {
            None => Connector::new(settings),
            Some(given) => Connector::given(settings, given),
        };
        Ok(RedisStore::new(connector, prefix, self.default_timeout, (self.codec, self.compression)))
    }
}

impl RedisStore {
    /// Names one server by its host and its port.
    pub fn tcp(host: impl Into<String>, port: u16) -> RedisStoreBuilder {
        RedisStoreBuilder::of_topology(Ok(Topology::One(Endpoint::Tcp { host: host.into(), port })))
    }

    /// Names one server by its unix socket.
    pub fn unix(path: impl Into<PathBuf>) -> RedisStoreBuilder {
        RedisStoreBuilder::of_topology(Ok(Topology::One(Endpoint::Unix(path.into()))))
    }

    /// Names some nodes of a cluster, each as `host` or `host:port`; they know the others.
    #[cfg(feature = "cluster")]
    pub fn cluster<T: AsRef<str>>(nodes: impl IntoIterator<Item = T>) -> RedisStoreBuilder {
        RedisStoreBuilder::of_topology(
            endpoints(nodes, crate::address::PORT).map(Topology::Cluster),
        )
    }

    /// Names sentinels, each as `host` or `host:port`, and the primary that they watch.
    pub fn sentinels<T: AsRef<str>>(
        sentinels: impl IntoIterator<Item = T>,
        master: impl Into<String>,
    ) -> RedisStoreBuilder {
        let master = master.into();
        let sentinels = endpoints(sentinels, SENTINEL_PORT);
        let topology = sentinels.map(|sentinels| Topology::Sentinel { sentinels, master });
        RedisStoreBuilder::of_topology(topology)
    }
}

fn endpoints<T: AsRef<str>>(
    hosts: impl IntoIterator<Item = T>,
    port: u16,
) -> Result<Vec<Endpoint>, String> {
    let hosts: Result<Vec<_>, _> =
        hosts.into_iter().map(|host| url::endpoint(host.as_ref(), port)).collect();
    match hosts {
        Ok(none) if none.is_empty() => Err("name at least one host".to_owned()),
        hosts => hosts,
    }
}

impl fmt::Debug for RedisStoreBuilder {
    /// Shows the settings, but not who we are at the server.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStoreBuilder")
            .field("prefix", &self.prefix)
            .field("settings", &self.settings)
            .field("default_timeout", &self.default_timeout)
            .field("codec", &self.codec)
            .field("compression", &self.compression)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

//! The settings of a store.

use std::fmt;
use std::time::Duration;

use cached_core::{Error, ErrorKind, Timeout};

use crate::RedisStore;
use crate::connection::Target;
use crate::prefix::Prefix;
use crate::url;

/// The settings of a [`RedisStore`], made by [`RedisStore::connect`].
///
/// | setting | default |
/// |---|---|
/// | [`prefix`](Self::prefix) | `cached-kit` |
/// | [`op_timeout`](Self::op_timeout) | 250 ms |
/// | [`connect_timeout`](Self::connect_timeout) | 2 s |
/// | [`default_timeout`](Self::default_timeout) | 300 s |
#[derive(Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct RedisStoreBuilder {
    url: String,
    prefix: String,
    op_timeout: Duration,
    connect_timeout: Duration,
    default_timeout: Timeout,
}

impl RedisStoreBuilder {
    pub(crate) fn new(url: String) -> Self {
        Self {
            url,
            prefix: "cached-kit".to_owned(),
            op_timeout: Duration::from_millis(250),
            connect_timeout: Duration::from_secs(2),
            default_timeout: Timeout::After(Duration::from_secs(300)),
        }
    }

    /// Sets the text that stands in front of every key, as `{prefix}:{key}`.
    ///
    /// All bytes but ASCII letters, digits, `-`, `_`, `.` and `~` are percent-encoded, so that
    /// any text is a good prefix and none contains a neighbour's keys. It must not be empty.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets how long a caller waits for one round trip, connecting included.
    ///
    /// Operations on many keys make several round trips, each within this bound.
    pub fn op_timeout(mut self, timeout: Duration) -> Self {
        self.op_timeout = timeout;
        self
    }

    /// Sets how long an attempt to connect may take.
    ///
    /// It goes on when the operation that started it has run out of time, so that a later one finds
    /// the connection ready.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long entries live for which nobody named a timeout.
    pub fn default_timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.default_timeout = timeout.into();
        self
    }

    /// Checks the settings and makes the store; it does no I/O.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] when the URL cannot be used, the prefix is empty or a timeout is zero.
    pub fn build(self) -> Result<RedisStore, Error> {
        let (client, address) = url::parse(&self.url)?;
        let prefix = Prefix::new(self.prefix)?;
        let zero = Timeout::After(Duration::ZERO);
        for (name, timeout) in [
            ("op_timeout", Timeout::After(self.op_timeout)),
            ("connect_timeout", Timeout::After(self.connect_timeout)),
            ("default_timeout", self.default_timeout),
        ] {
            if timeout == zero {
                return Err(Error::new(ErrorKind::Config, format!("`{name}` must not be zero")));
            }
        }
        let Self { op_timeout, connect_timeout, default_timeout, .. } = self;
        let target = Target { client, address, op_timeout, connect_timeout };
        Ok(RedisStore::new(target, prefix, default_timeout))
    }
}

impl fmt::Debug for RedisStoreBuilder {
    /// Shows the settings, but of the URL only where the server is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = url::parse(&self.url).map(|(_, address)| address.to_string());
        f.debug_struct("RedisStoreBuilder")
            .field("address", &address.as_deref().unwrap_or("(not a valid URL)"))
            .field("prefix", &self.prefix)
            .field("op_timeout", &self.op_timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("default_timeout", &self.default_timeout)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(builder: RedisStoreBuilder) -> String {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        error.to_string()
    }

    #[test]
    fn building_does_no_io_and_has_the_documented_defaults() {
        // Nothing listens there, and no runtime runs here.
        let store = RedisStore::connect("redis://127.0.0.1:1/7").build().unwrap();
        assert_eq!(store.prefix(), "cached-kit");
        let target = store.target();
        assert_eq!(target.op_timeout, Duration::from_millis(250));
        assert_eq!(target.connect_timeout, Duration::from_secs(2));
        let default = cached_core::Store::default_timeout(&store);
        assert_eq!(default, Timeout::After(Duration::from_secs(300)));
    }

    #[test]
    fn wrong_settings_are_refused() {
        let good = RedisStore::connect("redis://127.0.0.1:1");
        assert!(refused(good.clone().prefix("")).contains("empty prefix"));
        assert!(refused(good.clone().op_timeout(Duration::ZERO)).contains("`op_timeout`"));
        assert!(
            refused(good.clone().connect_timeout(Duration::ZERO)).contains("`connect_timeout`")
        );
        assert!(
            refused(good.clone().default_timeout(Duration::ZERO)).contains("`default_timeout`")
        );
        assert!(good.default_timeout(Timeout::Never).build().is_ok());
    }

    // Bug 64.
    #[test]
    fn debug_shows_where_and_not_who() {
        let builder = RedisStore::connect("redis://alice:hush@127.0.0.1:6380/3").prefix("app");
        let store = builder.clone().build().unwrap();
        let bad = RedisStore::connect("redis://alice:hush@127.0.0.1:none");
        for said in [format!("{builder:?}"), format!("{store:#?}"), format!("{bad:?}")] {
            assert!(!said.contains("hush") && !said.contains("alice"), "{said}");
        }
        let said = format!("{store:?}");
        assert!(said.contains("127.0.0.1:6380") && said.contains("db: 3"), "{said}");
        assert!(said.contains("prefix: \"app\""), "{said}");
    }
}

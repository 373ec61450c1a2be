//! Where operations hand in their requests: past the breaker, to a connection, within a time.

use std::sync::{Arc, PoisonError, RwLock};

use cached_core::{Breaker, Clock, Error, Health, Tick};
use redis::{FromRedisValue, Value};
use tokio::sync::oneshot;

use crate::address::Address;
use crate::connector::Connector;
use crate::error;
use crate::failure::Failure;
use crate::net::Role;
use crate::prefix::Prefix;
use crate::recent::Recent;
use crate::request::{Ask, Get, Repeat};
use crate::settings::Settings;
use crate::slots::Slots;

/// What the clones of a store share.
pub(crate) struct Desk {
    slots: Slots,
    address: Address,
    prefix: RwLock<Arc<Prefix>>,
    /// `None` when only primaries are read.
    recent: Option<Recent>,
}

impl Desk {
    pub(crate) fn new(connector: Connector, prefix: Prefix) -> Self {
        let (address, settings) = (connector.address(), connector.settings());
        Self {
            recent: settings.from_replicas.then(|| Recent::new(Clock::system())),
            slots: Slots::new(connector),
            prefix: RwLock::new(Arc::new(prefix)),
            address,
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        self.connector().settings()
    }

    fn breaker(&self) -> &Breaker {
        self.connector().store_breaker()
    }

    pub(crate) fn connector(&self) -> &Connector {
        self.slots.connector()
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    pub(crate) fn health(&self) -> Health {
        match self.breaker().health() {
            // In a cluster, each node is left alone by itself.
            up if up.is_up() => self.connector().health_of_nodes().unwrap_or(up),
            down => down,
        }
    }

    pub(crate) fn is_cluster(&self) -> bool {
        self.connector().is_cluster()
    }

    /// Until when an operation that begins now may take.
    pub(crate) fn deadline(&self) -> Tick {
        Clock::system().now().after(self.settings().op_timeout)
    }

    /// Sends a request of which nothing is to be read from a replica, and reads the reply.
    pub(crate) async fn query<T: FromRedisValue>(
        &self,
        ask: &impl Ask,
        repeat: Repeat,
    ) -> Result<T, Error> {
        let reply = self.ask(ask, Role::Primary, repeat, self.deadline()).await;
        self.read(reply)
    }

    /// Reads one entry, as whole bytes.
    pub(crate) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let get = Get { prefix: &self.prefix, key };
        let role = self.role(key);
        match self.ask(&get, role, Repeat::Harmless, self.deadline()).await {
            Ok(Value::BulkString(bytes)) => Ok(Some(bytes)),
            Ok(Value::Nil) => Ok(None),
            reply => self.read(reply),
        }
    }

    /// Sends a request, if the server is not left alone, and notes how it did.
    pub(crate) async fn ask(
        &self,
        ask: &impl Ask,
        role: Role,
        repeat: Repeat,
        deadline: Tick,
    ) -> Result<Value, Failure> {
        let Some(pass) = self.breaker().admit() else { return Err(Failure::LeftAlone) };
        let outcome = self.slots.query(ask, role, repeat, deadline).await;
        match &outcome {
            Err(Failure::Connect(_)) if self.connector().counts_attempts() => {
                pass.failed_with_others();
            }
            Err(failure) if failure.blames_server() => pass.failed(),
            // It was not asked, or had no time to answer.
            Err(
                Failure::NoPlace
                | Failure::GivenUp
                | Failure::LeftAlone
                | Failure::Closed
                | Failure::RuntimeEnded,
            ) => drop(pass),
            _ => pass.succeeded(),
        }
        outcome
    }

    /// Sends a request even to a server that is left alone; if it is answered, it is no more.
    pub(crate) async fn ask_anyway(
        &self,
        ask: &impl Ask,
        deadline: Tick,
    ) -> Result<Value, Failure> {
        let _insisting = self.connector().insist();
        let outcome = self.slots.query(ask, Role::Primary, Repeat::Harmless, deadline).await;
        if outcome.is_ok() {
            self.breaker().reset();
        }
        outcome
    }

    pub(crate) fn read<T: FromRedisValue>(
        &self,
        reply: Result<Value, Failure>,
    ) -> Result<T, Error> {
        let reply = reply.map_err(|failure| self.explain(failure))?;
        T::from_redis_value(reply).map_err(|_| error::wrong_reply(&self.address))
    }

    pub(crate) fn explain(&self, failure: Failure) -> Error {
        error::explain(failure, &self.address, self.settings().op_timeout)
    }

    /// Which server may be asked for an entry: a replica may not know yet what we changed.
    pub(crate) fn role(&self, key: &str) -> Role {
        match &self.recent {
            Some(recent) if !recent.has_changed(key) => Role::Replica,
            _ => Role::Primary,
        }
    }

    /// Notes that entries are being changed; before and after, so that no read falls in between.
    pub(crate) fn note_changes<'a>(&self, keys: impl IntoIterator<Item = &'a str>) {
        if let Some(recent) = &self.recent {
            recent.note(keys);
        }
    }

    pub(crate) fn note_all_changed(&self) {
        if let Some(recent) = &self.recent {
            recent.note_all();
        }
    }

    pub(crate) fn prefix(&self) -> Arc<Prefix> {
        Arc::clone(&self.prefix.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_prefix(&self, prefix: Prefix) {
        *self.prefix.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(prefix);
    }

    pub(crate) fn full_key(&self, key: &str) -> String {
        self.prefix.read().unwrap_or_else(PoisonError::into_inner).key(key)
    }

    pub(crate) fn full_keys(&self, keys: &[String]) -> Vec<String> {
        let prefix = self.prefix();
        keys.iter().map(|key| prefix.key(key)).collect()
    }

    pub(crate) fn close(&self) -> Option<oneshot::Receiver<()>> {
        self.slots.close()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.slots.is_closed()
    }

    #[cfg(test)]
    pub(crate) fn slots(&self) -> &Slots {
        &self.slots
    }
}

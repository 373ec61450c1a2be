//! The connections of one runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cached_core::{Breaker, Clock, Tick};
use redis::Value;
use tokio::runtime::Handle;

use crate::cluster::Cluster;
use crate::connector::{Connector, Target};
use crate::failure::Failure;
use crate::net::Role;
use crate::request::{Ask, Repeat};
use crate::slot::Slot;

/// The connections of one runtime.
pub(crate) enum Lanes {
    Server(Lines),
    Cluster(Arc<Cluster>),
}

/// The connections to one server, or to one of several with the same entries.
pub(crate) struct Lines {
    primary: Box<[Arc<Slot>]>,
    replica: Option<Replica>,
    next: AtomicUsize,
}

impl Lanes {
    pub(crate) fn new(connector: &Arc<Connector>, handle: &Handle) -> Arc<Self> {
        Arc::new(match connector.is_our_cluster() {
            true => Self::Cluster(Cluster::new(connector, handle)),
            false => Self::Server(Lines::new(connector, handle)),
        })
    }

    /// Sends a request to who has its keys.
    pub(crate) async fn query(
        &self,
        ask: &impl Ask,
        role: Role,
        repeat: Repeat,
        deadline: Tick,
    ) -> Result<Value, Failure> {
        match self {
            Self::Server(lines) => lines.query(ask, role, repeat, deadline).await,
            // Boxed, because every operation would carry the room for it along.
            Self::Cluster(cluster) => Box::pin(cluster.query(ask, role, repeat, deadline)).await,
        }
    }

    pub(crate) fn close(&self) {
        match self {
            Self::Server(lines) => lines.close(),
            Self::Cluster(cluster) => cluster.close(),
        }
    }
}

impl Lines {
    fn new(connector: &Arc<Connector>, handle: &Handle) -> Self {
        let settings = connector.settings();
        let slot = |role| Slot::new(Arc::clone(connector), Target::Role(role), handle.clone());
        Self {
            primary: (0..settings.connections).map(|_| slot(Role::Primary)).collect(),
            replica: settings.from_replicas.then(|| Replica::new(connector, slot(Role::Replica))),
            next: AtomicUsize::new(0),
        }
    }

    /// Sends a request; what a replica cannot answer is asked of the primary.
    async fn query(
        &self,
        ask: &impl Ask,
        role: Role,
        repeat: Repeat,
        deadline: Tick,
    ) -> Result<Value, Failure> {
        if role == Role::Replica
            && let Some(replica) = &self.replica
            && let Some(outcome) = replica.query(ask, repeat, deadline).await
        {
            return outcome;
        }
        self.primary().query(ask, repeat, deadline).await
    }

    fn primary(&self) -> &Arc<Slot> {
        match &*self.primary {
            [only] => only,
            several => &several[self.next.fetch_add(1, Ordering::Relaxed) % several.len()],
        }
    }

    fn close(&self) {
        let replica = self.replica.as_ref().map(|replica| &replica.slot);
        self.primary.iter().chain(replica).for_each(|slot| slot.close());
    }
}

/// The connection to a replica, whose failures are not those of the primary.
struct Replica {
    slot: Arc<Slot>,
    breaker: Breaker,
}

impl Replica {
    fn new(connector: &Connector, slot: Arc<Slot>) -> Self {
        let what = format!("a replica of redis at {}", connector.address());
        Self { slot, breaker: Breaker::new(what, connector.settings().clock.clone()) }
    }

    /// Sends a request; `None` when the primary has to be asked, for which half of the time is left.
    async fn query(
        &self,
        ask: &impl Ask,
        repeat: Repeat,
        deadline: Tick,
    ) -> Option<Result<Value, Failure>> {
        let pass = self.breaker.admit()?;
        let now = Clock::system().now();
        let half = now.after(deadline.since(now) / 2);
        match self.slot.query(ask, repeat, half).await {
            Err(failure) if failure.blames_server() => {
                pass.failed();
                None
            }
            outcome => {
                pass.succeeded();
                Some(outcome)
            }
        }
    }
}

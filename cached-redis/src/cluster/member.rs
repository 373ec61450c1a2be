//! One node of a cluster.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cached_core::{Breaker, Tick};
use redis::Value;
use tokio::runtime::Handle;

use crate::address::Endpoint;
use crate::connector::{Connector, Target};
use crate::failure::Failure;
use crate::net::Role;
use crate::request::{Ask, Repeat};
use crate::slot::Slot;

/// The connections of one runtime to a node, and how the node is doing.
///
/// Nothing that one node does, or does not, is in the way of requests to another one: each has its
/// own connections and its own breaker.
pub(crate) struct Member {
    node: Endpoint,
    primary: Box<[Arc<Slot>]>,
    replica: Arc<Slot>,
    next: AtomicUsize,
    breaker: Arc<Breaker>,
}

impl Member {
    /// Makes one, without connecting.
    pub(super) fn new(connector: &Arc<Connector>, handle: &Handle, node: Endpoint) -> Arc<Self> {
        let slot = |role| {
            let target = Target::Node(node.clone(), role);
            Slot::new(Arc::clone(connector), target, handle.clone())
        };
        Arc::new(Self {
            primary: (0..connector.settings().connections).map(|_| slot(Role::Primary)).collect(),
            replica: slot(Role::Replica),
            next: AtomicUsize::new(0),
            breaker: connector.breaker(&node),
            node,
        })
    }

    pub(super) fn node(&self) -> &Endpoint {
        &self.node
    }

    /// Sends a request to this node, unless it is being left alone.
    pub(super) async fn query(
        &self,
        ask: &impl Ask,
        role: Role,
        repeat: Repeat,
        deadline: Tick,
    ) -> Result<Value, Failure> {
        let Some(pass) = self.breaker.admit() else { return Err(Failure::LeftAlone) };
        let outcome = self.slot(role).query(ask, repeat, deadline).await;
        match &outcome {
            Err(Failure::LeftAlone | Failure::Closed | Failure::RuntimeEnded) => drop(pass),
            Err(failure) if failure.blames_server() && !failure.is_about_slots() => pass.failed(),
            _ => pass.succeeded(),
        }
        outcome
    }

    pub(super) fn close(&self) {
        self.primary.iter().chain([&self.replica]).for_each(|slot| slot.close());
    }

    fn slot(&self, role: Role) -> &Arc<Slot> {
        match (role, &*self.primary) {
            (Role::Replica, _) => &self.replica,
            (Role::Primary, [only]) => only,
            (Role::Primary, several) => {
                &several[self.next.fetch_add(1, Ordering::Relaxed) % several.len()]
            }
        }
    }
}

//! Keeping up with the state of the cluster.
//!
//! Asking the nodes is a task of the runtime, of which there is one at a time: all requests that
//! need its outcome share it, and none holds a lock meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use cached_core::{Clock, Error, Tick};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::Cluster;
use super::learn::learn;
use super::map::{Map, Range};
use super::member::Member;
use crate::address::Endpoint;
use crate::failure::Failure;
use crate::settings::Topology;
use crate::slot::within;

/// How long after the nodes were asked they are not asked again, whatever fails: during a failover,
/// every request would ask.
const REST: Duration = Duration::from_millis(100);

/// How long what is known of replicas is good enough, if there are any, and if there are none.
const REPLICAS: Duration = Duration::from_secs(60);
const NO_REPLICAS: Duration = Duration::from_secs(1);

type Outcome = watch::Receiver<Option<Result<Arc<Map>, Error>>>;

/// The latest attempt to learn who has which slot.
#[derive(Default)]
pub(super) struct Refresh {
    closed: bool,
    begun: Option<Tick>,
    outcome: Option<Outcome>,
    task: Option<AbortHandle>,
}

impl Cluster {
    /// Returns what is known of the cluster; at the first use, it asks.
    pub(super) async fn map(self: &Arc<Self>, deadline: Tick) -> Result<Arc<Map>, Failure> {
        match self.known() {
            Some(map) => Ok(map),
            None => self.ask_for_map(deadline).await,
        }
    }

    /// Asks who has which slot, whatever is known.
    pub(super) async fn ask_for_map(self: &Arc<Self>, deadline: Tick) -> Result<Arc<Map>, Failure> {
        let outcome = self.learning(Duration::ZERO)?;
        let Some(mut outcome) = outcome else { return Err(Failure::RuntimeEnded) };
        // Boxed, because every operation would carry the room for it along.
        let learned =
            Box::pin(within(&self.handle, deadline, outcome.wait_for(Option::is_some))).await?;
        match learned.ok().and_then(|outcome| outcome.clone()) {
            Some(outcome) => outcome.map_err(Failure::Connect),
            None if self.lock().closed => Err(Failure::Closed),
            None => Err(Failure::RuntimeEnded),
        }
    }

    /// Asks the nodes and waits for the answer; `None` if there is none, or was one just now.
    pub(super) async fn learned(self: &Arc<Self>, deadline: Tick) -> Option<Arc<Map>> {
        let mut outcome = self.learning(REST).ok()??;
        let learned = Box::pin(within(&self.handle, deadline, outcome.wait_for(Option::is_some)));
        let learned = learned.await.ok()?.ok()?.clone();
        learned?.ok()
    }

    /// Asks the nodes; nobody waits for the answer.
    pub(super) fn learn_soon(self: &Arc<Self>) {
        let _ = self.learning(REST);
    }

    /// Asks the nodes from time to time: nothing fails when there are replicas that nobody asks, as
    /// after the start of a cluster, which names them only when they are up to date.
    pub(super) fn look_for_replicas(self: &Arc<Self>, has_some: bool) {
        let _ = self.learning(if has_some { REPLICAS } else { NO_REPLICAS });
    }

    pub(super) fn known(&self) -> Option<Arc<Map>> {
        self.map.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes that a slot has another node now.
    pub(super) fn note_moved(&self, slot: u16, to: Endpoint) -> Arc<Member> {
        let mut place = self.map.write().unwrap_or_else(PoisonError::into_inner);
        let known = place.as_ref().and_then(|map| map.find(&to).cloned());
        let to = known.unwrap_or_else(|| self.member(to));
        if let Some(map) = &*place {
            *place = Some(Arc::new(map.with_moved(slot, Arc::clone(&to))));
        }
        // A store that was closed meanwhile has not seen it.
        self.close_late(&to);
        to
    }

    /// Closes a member that was made when the store was closed already.
    pub(super) fn close_late(&self, member: &Member) {
        if self.lock().closed {
            member.close();
        }
    }

    pub(super) fn stop_learning(&self) {
        let mut refresh = self.lock();
        refresh.closed = true;
        if let Some(task) = refresh.task.take() {
            task.abort();
        }
    }

    /// Joins the attempt that is under way, or begins one, unless the last one was just now.
    fn learning(self: &Arc<Self>, rest: Duration) -> Result<Option<Outcome>, Failure> {
        let now = Clock::system().now();
        let (announce, outcome) = watch::channel(None);
        {
            let mut refresh = self.lock();
            if refresh.closed {
                return Err(Failure::Closed);
            }
            // A task that ended without a word was dropped with its runtime, or panicked.
            let running =
                |outcome: &&Outcome| outcome.borrow().is_none() && outcome.has_changed().is_ok();
            if let Some(outcome) = refresh.outcome.as_ref().filter(running) {
                return Ok(Some(outcome.clone()));
            }
            if refresh.begun.is_some_and(|begun| now.since(begun) < rest) {
                return Ok(None);
            }
            refresh.begun = Some(now);
            refresh.outcome = Some(outcome.clone());
        }
        let (cluster, connector) = (Arc::downgrade(self), Arc::clone(&self.connector));
        let nodes = self.nodes();
        let task = self.handle.spawn(async move {
            let learned = learn(connector, nodes).await;
            let Some(cluster) = cluster.upgrade() else { return };
            announce.send_replace(Some(learned.map(|ranges| cluster.install(ranges))));
        });
        self.keep(task.abort_handle());
        Ok(Some(outcome))
    }

    /// Keeps what ends the task, or ends it: a store that was closed since has not found it.
    fn keep(&self, task: AbortHandle) {
        let mut refresh = self.lock();
        if refresh.closed {
            task.abort();
        } else {
            refresh.task = Some(task);
        }
    }

    /// Everybody who may know, the nodes of the settings last; each time another one first.
    fn nodes(&self) -> Vec<Endpoint> {
        let mut nodes: Vec<Endpoint> = Vec::new();
        let known = self.known();
        let known = known.iter().flat_map(|map| map.members()).map(|member| member.node());
        let named: &[Endpoint] = match &self.connector.settings().topology {
            Topology::Cluster(named) => named,
            _ => &[],
        };
        for node in known {
            if !nodes.contains(node) {
                nodes.push(node.clone());
            }
        }
        let turn = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let middle = turn % nodes.len().max(1);
        nodes.rotate_left(middle);
        let others = named.iter().filter(|node| !nodes.contains(node)).cloned().collect::<Vec<_>>();
        nodes.extend(others);
        nodes
    }

    /// Takes over what was learned; who stays keeps the connections.
    fn install(&self, ranges: Vec<Range>) -> Arc<Map> {
        let mut place = self.map.write().unwrap_or_else(PoisonError::into_inner);
        let mut members: HashMap<Endpoint, Arc<Member>> = HashMap::new();
        if let Some(map) = &*place {
            members.extend(map.members().map(|one| (one.node().clone(), Arc::clone(one))));
        }
        let map = Arc::new(Map::new(ranges, |node| {
            let member = members.entry(node);
            let member = member.or_insert_with_key(|node| self.member(node.clone()));
            Arc::clone(member)
        }));
        *place = Some(Arc::clone(&map));
        self.connector.keep_breakers(
            |node| map.find(node).is_some(),
            |node| map.primaries().any(|primary| primary.node() == node),
        );
        // A store that was closed meanwhile has not seen the new ones.
        map.members().for_each(|member| self.close_late(member));
        map
    }

    fn lock(&self) -> MutexGuard<'_, Refresh> {
        self.refresh.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;
    use crate::connector::Connector;
    use crate::net::Role;
    use crate::request::{Repeat, Request};
    use crate::settings::Settings;

    fn cluster() -> (Arc<Cluster>, tokio::runtime::Runtime) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let nodes = vec![Endpoint::Tcp { host: "127.0.0.1".to_owned(), port: 1 }];
        let connector = Arc::new(Connector::new(Settings::new(Topology::Cluster(nodes))));
        (Cluster::new(&connector, runtime.handle()), runtime)
    }

    #[test]
    fn an_attempt_that_began_before_closing_ends_with_it() {
        let (cluster, runtime) = cluster();
        // Closed between the start of a task and the keeping of what ends it.
        let task = runtime.spawn(pending::<()>());
        cluster.close();
        cluster.keep(task.abort_handle());
        let ended = async { tokio::time::timeout(Duration::from_secs(20), task).await };
        let ended = runtime.block_on(ended).expect("it ends");
        assert!(ended.unwrap_err().is_cancelled());
        assert!(cluster.lock().task.is_none());
    }

    #[test]
    fn a_member_that_is_made_after_closing_does_not_connect() {
        let (cluster, runtime) = cluster();
        let node = |port| Endpoint::Tcp { host: "127.0.0.1".to_owned(), port };
        let range = Range { first: 0, last: 16_383, primary: node(1), replicas: Vec::new() };
        cluster.install(vec![range.clone()]);
        cluster.close();
        let members = [
            cluster.note_moved(7, node(2)),
            cluster.member(node(3)),
            Arc::clone(cluster.install(vec![range]).primary(0).unwrap()),
        ];
        let ping = Request::One(redis::cmd("PING"));
        let deadline = Clock::system().now().after(Duration::from_secs(20));
        for member in members {
            let asked = member.query(&ping, Role::Primary, Repeat::Never, deadline);
            let failure = runtime.block_on(asked).unwrap_err();
            assert!(matches!(failure, Failure::Closed), "{failure:?}");
        }
    }
}

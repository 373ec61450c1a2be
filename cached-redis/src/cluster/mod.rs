//! A cluster, by connections of our own to each of its nodes.
//!
//! A request goes to the node that has the slot of its keys. Who that is, the nodes know
//! ([`learn`]): they are asked at the first use, and again when one of them does not serve or sends a
//! request elsewhere. Redirects (`MOVED`, `ASK`) are followed at once.
//!
//! A node that hangs holds nobody up but who needs it: requests for others do not wait for it, nor
//! for anybody who looks for the new state of the cluster.
//!
//! Why it is so: `docs/decisions/0013-own-cluster.md`.

mod asking;
mod hash;
mod learn;
mod map;
mod member;
mod redirect;
mod refresh;

pub(crate) use hash::slot_of;
pub(crate) use map::{Range, parse};
pub(crate) use redirect::is_try_again;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use cached_core::Tick;
use redis::Value;
use tokio::runtime::Handle;

use crate::address::{Address, Endpoint};
use crate::connector::{Connector, Target};
use crate::error;
use crate::failure::Failure;
use crate::net::Role;
use crate::request::{Ask, Place, Repeat};
use crate::slot::{Slot, within};
use asking::Asking;
use map::Map;
use member::Member;
use redirect::Redirect;
use refresh::Refresh;

/// How often a request is sent elsewhere because a node failed.
const HOPS: u32 = 5;
/// How many of these are made at once. While a slot is being handed over, two nodes can each name the
/// other one, so that later ones are made after a pause.
const QUICK_HOPS: u32 = 2;
/// How long a slot that is just being moved is given before it is asked for again.
const MOVING: Duration = Duration::from_millis(10);

/// The connections of one runtime to the nodes of a cluster.
pub(crate) struct Cluster {
    connector: Arc<Connector>,
    handle: Handle,
    map: RwLock<Option<Arc<Map>>>,
    refresh: Mutex<Refresh>,
    /// Commands of the caller, whose keys we do not know, go through the client of the `redis` crate.
    native: Arc<Slot>,
    next: AtomicUsize,
}

/// What to do after a request failed.
enum Then {
    /// Send it again, to who has the slot now.
    Again,
    /// Send it to this node.
    To(Arc<Member>, Asks),
    GiveUp,
}

/// Whether a node is to be told that it is asked although the slot is not its own yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Plainly,
    Asking,
}

impl Cluster {
    /// Makes one that knows no node but those of the settings, and does not connect yet.
    pub(crate) fn new(connector: &Arc<Connector>, handle: &Handle) -> Arc<Self> {
        Arc::new(Self {
            connector: Arc::clone(connector),
            handle: handle.clone(),
            map: RwLock::new(None),
            refresh: Mutex::default(),
            native: Slot::new(Arc::clone(connector), Target::Native, handle.clone()),
            next: AtomicUsize::new(0),
        })
    }

    /// Sends a request to the node that can answer it.
    pub(crate) async fn query(
        self: &Arc<Self>,
        ask: &impl Ask,
        mut role: Role,
        repeat: Repeat,
        deadline: Tick,
    ) -> Result<Value, Failure> {
        let place = ask.place();
        if place == Place::Native {
            return self.native.query(ask, repeat, deadline).await;
        }
        if place == Place::Nodes {
            return self.primaries(deadline).await;
        }
        let mut target = None;
        for hop in 0.. {
            let (member, asks) = match target.take() {
                Some(target) => target,
                None => (self.choose(&place, role, deadline).await?, Asks::Plainly),
            };
            let outcome = match asks {
                Asks::Plainly => member.query(ask, role, repeat, deadline).await,
                Asks::Asking => member.query(&Asking::new(ask), role, repeat, deadline).await,
            };
            let failure = match outcome {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            let was_replica = std::mem::replace(&mut role, Role::Primary) == Role::Replica;
            let mut then = self.then(&failure, &member, &place, repeat, deadline).await;
            if hop >= QUICK_HOPS && failure.is_about_slots() && !self.pause(deadline).await {
                then = Then::GiveUp;
            }
            // The time is the limit where slots are on their way, as that takes as long as it takes.
            let goes_on = hop < HOPS || failure.is_about_slots();
            match then {
                Then::Again if goes_on => {}
                Then::To(member, asks) if goes_on => target = Some((member, asks)),
                // The primary is asked instead.
                _ if was_replica && failure.blames_node() => {}
                _ => return Err(self.of_member(failure, member.node())),
            }
        }
        Err(Failure::Part(error::no_slots(&self.connector.address())))
    }

    /// Ends all connections.
    pub(crate) fn close(&self) {
        self.stop_learning();
        self.native.close();
        if let Some(map) = self.known() {
            map.members().for_each(|member| member.close());
        }
    }

    /// Names the primaries and their slots, in the form of the reply to `CLUSTER SLOTS`.
    ///
    /// It asks, because a walk over all keys must not leave one out. It does not pass on the reply of
    /// a node, which need not know its own host, nor on which port it speaks TLS.
    async fn primaries(self: &Arc<Self>, deadline: Tick) -> Result<Value, Failure> {
        let map = self.ask_for_map(deadline).await?;
        let number = |slot: u16| Value::Int(i64::from(slot));
        let ranges = map.ranges().filter_map(|(first, last, member)| {
            let Endpoint::Tcp { host, port } = member.node() else { return None };
            let host = Value::BulkString(host.clone().into_bytes());
            let node = Value::Array(vec![host, number(*port)]);
            Some(Value::Array(vec![number(first), number(last), node]))
        });
        Ok(Value::Array(ranges.collect()))
    }

    async fn choose(
        self: &Arc<Self>,
        place: &Place,
        role: Role,
        deadline: Tick,
    ) -> Result<Arc<Member>, Failure> {
        let map = self.map(deadline).await?;
        if let (Role::Replica, Place::Slot(slot)) = (role, place) {
            self.look_for_replicas(!map.replicas(*slot).is_empty());
        }
        let uncovered = || Failure::Part(error::no_slots(&self.connector.address()));
        let found = self.pick(&map, place, role);
        if found.is_none() {
            self.learn_soon();
        }
        found.ok_or_else(uncovered)
    }

    fn pick(&self, map: &Map, place: &Place, role: Role) -> Option<Arc<Member>> {
        let turn = || self.next.fetch_add(1, Ordering::Relaxed);
        match place {
            Place::Node(node) => {
                let known = map.find(node).cloned();
                Some(known.unwrap_or_else(|| self.member(node.clone())))
            }
            Place::Slot(slot) => match (role, map.replicas(*slot)) {
                (Role::Replica, replicas) if !replicas.is_empty() => {
                    Some(Arc::clone(&replicas[turn() % replicas.len()]))
                }
                _ => map.primary(*slot).cloned(),
            },
            Place::Anywhere | Place::Nodes | Place::Native => {
                let count = map.primaries().count().max(1);
                map.primaries().nth(turn() % count).cloned()
            }
        }
    }

    /// Decides what a failure means for the request.
    async fn then(
        self: &Arc<Self>,
        failure: &Failure,
        member: &Arc<Member>,
        place: &Place,
        repeat: Repeat,
        deadline: Tick,
    ) -> Then {
        match Redirect::of(failure, member.node()) {
            Some(Redirect::Moved { slot, to }) => {
                let to = self.note_moved(slot, to);
                self.learn_soon();
                return Then::To(to, Asks::Plainly);
            }
            Some(Redirect::Ask { to }) => {
                let known = self.known().and_then(|map| map.find(&to).cloned());
                return Then::To(known.unwrap_or_else(|| self.member(to)), Asks::Asking);
            }
            None => {}
        }
        if is_try_again(failure) {
            return if self.pause(deadline).await { Then::Again } else { Then::GiveUp };
        }
        if !failure.blames_node() {
            return Then::GiveUp;
        }
        if failure.was_not_carried_out() || (failure.is_dropped() && repeat == Repeat::Harmless) {
            return self.after_learning(member, place, deadline).await;
        }
        self.learn_soon();
        Then::GiveUp
    }

    /// Tells whether somebody else is to be asked, now that the nodes were asked who has the slot.
    async fn after_learning(
        self: &Arc<Self>,
        member: &Arc<Member>,
        place: &Place,
        deadline: Tick,
    ) -> Then {
        let map = match self.learned(deadline).await {
            Some(map) => Some(map),
            None => self.known(),
        };
        let now = map.and_then(|map| self.pick(&map, place, Role::Primary));
        match now {
            Some(now) if now.node() != member.node() => Then::To(now, Asks::Plainly),
            _ => Then::GiveUp,
        }
    }

    /// Waits for a moment; false when there is no time for that.
    async fn pause(&self, deadline: Tick) -> bool {
        let paused = within(&self.handle, deadline, async {
            tokio::time::sleep(MOVING).await;
        });
        // Boxed, because every operation would carry the room for it along.
        Box::pin(paused).await.is_ok()
    }

    fn member(&self, node: Endpoint) -> Arc<Member> {
        let member = Member::new(&self.connector, &self.handle, node);
        self.close_late(&member);
        member
    }

    /// Says of a failure which node it was, so that it is not taken for one of the whole cluster.
    fn of_member(&self, failure: Failure, node: &Endpoint) -> Failure {
        if Redirect::of(&failure, node).is_some() {
            return Failure::Part(error::no_agreement(&self.connector.address()));
        }
        if !failure.blames_node() {
            return failure;
        }
        let address = Address::new(node.to_string());
        Failure::Part(error::explain(failure, &address, self.connector.settings().op_timeout))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop_learning();
    }
}

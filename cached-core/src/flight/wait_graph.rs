//! The wait-for graph: which flights the running code is inside of, and which other flights it waits
//! for.
//!
//! A body that, directly or through other cached functions, calls for the key it is computing would
//! wait for itself. So the body of every leading call carries the chain of flights it is part of, set
//! while it is polled. Two bodies on different threads can also wait for each other, where keys leave
//! arguments out; so the graph knows which flight's code waits for which other flight. A call whose
//! waiting would close a circle computes instead.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use super::lock;

/// The flights a piece of code is inside of, innermost first. Most code is inside of one at most, so
/// that one is kept in place.
#[derive(Clone)]
pub(crate) struct Chain {
    flight: u64,
    outer: Option<Arc<Chain>>,
}

impl Chain {
    /// Makes the chain of code that computes a flight's value for the running code.
    pub(super) fn new(flight: u64) -> Self {
        let outer =
            CURRENT.with_borrow(|current| current.as_ref().map(|outer| Arc::new(outer.clone())));
        Self { flight, outer }
    }

    /// Makes the running code part of the chain until the guard is dropped.
    pub(crate) fn enter(&self) -> ChainGuard {
        ChainGuard { before: replace_current(Some(self.clone())) }
    }
}

thread_local! {
    // Without a destructor, so that the destructors of others can still call. Nothing leaks: code
    // that enters a chain leaves it again.
    static CURRENT: RefCell<ManuallyDrop<Option<Chain>>> =
        const { RefCell::new(ManuallyDrop::new(None)) };
}

/// Makes the running code part of another chain, or of none, and returns the one before.
fn replace_current(chain: Option<Chain>) -> Option<Chain> {
    ManuallyDrop::into_inner(CURRENT.replace(ManuallyDrop::new(chain)))
}

/// For each flight, the flights that code inside of it waits for, and how many times.
static WAITS: Mutex<BTreeMap<(u64, u64), usize>> = Mutex::new(BTreeMap::new());

/// Returns the flights that the running code is inside of.
fn current() -> Vec<u64> {
    CURRENT.with_borrow(|current| {
        let chain = std::iter::successors(current.as_ref(), |chain| chain.outer.as_deref());
        chain.map(|chain| chain.flight).collect()
    })
}

/// The running code waits for a flight, until this is dropped.
pub(crate) struct Waiting {
    inside: Vec<u64>,
    target: u64,
}

/// Notes that the running code is about to wait for a flight; `None` if that one, in the end, waits
/// for the running code.
pub(super) fn wait_for(target: u64) -> Option<Waiting> {
    let inside = current();
    if inside.is_empty() {
        // No call waits for code that is inside of no flight.
        return Some(Waiting { inside, target });
    }
    let mut waits = lock(&WAITS);
    if closes_circle(&waits, target, &inside) {
        return None;
    }
    note(&mut waits, &inside, target);
    Some(Waiting { inside, target })
}

fn note(waits: &mut BTreeMap<(u64, u64), usize>, inside: &[u64], target: u64) {
    for flight in inside {
        *waits.entry((*flight, target)).or_default() += 1;
    }
}

/// Several flights whose values one body computes.
///
/// It is a flight to the chains, which each of its members waits for: code in the body is inside of
/// one flight and not of a thousand.
pub(crate) struct Group {
    chain: Chain,
    _members: Waiting,
}

impl Group {
    /// Notes that the running code is about to compute the values of these flights; `id` is no
    /// flight's.
    pub(super) fn new(id: u64, flights: Vec<u64>) -> Self {
        note(&mut lock(&WAITS), &flights, id);
        Self { chain: Chain::new(id), _members: Waiting { inside: flights, target: id } }
    }

    /// Makes a body that knows that it computes these flights' values.
    pub(crate) fn body<F: Future>(&self, body: Pin<Box<F>>) -> Chained<F> {
        Chained { chain: self.chain.clone(), body: Some(body) }
    }
}

/// Tells whether `target` waits, over however many steps, for one of the flights in `inside`.
fn closes_circle(waits: &BTreeMap<(u64, u64), usize>, target: u64, inside: &[u64]) -> bool {
    let mut seen = BTreeSet::from([target]);
    let mut next = vec![target];
    while let Some(flight) = next.pop() {
        if inside.contains(&flight) {
            return true;
        }
        for ((_, other), _) in waits.range((flight, 0)..=(flight, u64::MAX)) {
            if seen.insert(*other) {
                next.push(*other);
            }
        }
    }
    false
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.inside.is_empty() {
            return;
        }
        let mut waits = lock(&WAITS);
        for flight in &self.inside {
            let edge = (*flight, self.target);
            match waits.get_mut(&edge) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(waits.remove(&edge)),
            }
        }
    }
}

/// The running code is part of a chain until this is dropped.
pub(crate) struct ChainGuard {
    before: Option<Chain>,
}

impl Drop for ChainGuard {
    fn drop(&mut self) {
        let inner = replace_current(self.before.take());
        drop(inner);
    }
}

/// A body that knows that it computes a flight's value.
pub(crate) struct Chained<F> {
    chain: Chain,
    /// Gone when this is being dropped.
    body: Option<Pin<Box<F>>>,
}

#[cfg(test)]
impl<F: Future> Chained<F> {
    pub(crate) fn new(flight: u64, body: Pin<Box<F>>) -> Self {
        Self { chain: Chain::new(flight), body: Some(body) }
    }
}

impl<F: Future> Future for Chained<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let _inside = this.chain.enter();
        match &mut this.body {
            Some(body) => body.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

/// Destructors in a body that is cancelled are part of the chain too: they must not wait for the
/// flight that they hold up.
impl<F> Drop for Chained<F> {
    fn drop(&mut self) {
        let _inside = self.chain.enter();
        self.body = None;
    }
}

//! Who watches the running code, and what was seen.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, PoisonError};

use super::call::ObservedCall;
use crate::context;
use crate::memo::{AnyEntry, CallObserver, CallOutcome};

/// The calls that somebody has seen.
#[derive(Clone)]
pub(super) struct Log(Arc<Mutex<Vec<ObservedCall>>>);

impl Log {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    /// Returns the calls seen so far. Those that are still under way stay as they are here.
    pub(super) fn calls(&self) -> Vec<ObservedCall> {
        self.with(|calls| calls.clone())
    }

    fn with<T>(&self, f: impl FnOnce(&mut Vec<ObservedCall>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Somebody who watches the running code, in how many calls it is for them, and who else watches.
struct Watch {
    log: Log,
    depth: usize,
    outer: Option<Arc<Watch>>,
}

thread_local! {
    // Without a destructor, so that the destructors of others can still call. Nothing leaks: whoever
    // sets it takes it back.
    static CURRENT: RefCell<ManuallyDrop<Option<Arc<Watch>>>> =
        const { RefCell::new(ManuallyDrop::new(None)) };
}

fn replace(watch: Option<Arc<Watch>>) -> Option<Arc<Watch>> {
    context::replace_watched(watch.is_some());
    ManuallyDrop::into_inner(CURRENT.replace(ManuallyDrop::new(watch)))
}

fn current() -> Option<Arc<Watch>> {
    CURRENT.with_borrow(|current| Option::clone(current))
}

/// The running code is watched, until this is dropped.
pub(super) struct Inside {
    before: Option<Arc<Watch>>,
}

impl Inside {
    /// Watches it for one log more.
    pub(super) fn begin(log: &Log) -> Self {
        let watch = Watch { log: log.clone(), depth: 0, outer: current() };
        Self { before: replace(Some(Arc::new(watch))) }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let inner = replace(self.before.take());
        drop(inner);
    }
}

/// A call as everybody who watches has it in their log.
pub(crate) struct Note {
    stores: &'static [&'static str],
    /// Where it stands in the logs.
    places: Vec<(Log, usize)>,
    /// Who watches what the call makes.
    inside: Option<Arc<Watch>>,
}

/// Notes a call that begins in the running code, for all that watch. `stores` are those below memory.
pub(crate) fn note(function: &str, stores: &'static [&'static str], entry: &AnyEntry) -> Note {
    let watch = current();
    let watches = std::iter::successors(watch.as_deref(), |watch| watch.outer.as_deref());
    let places = watches.map(|watch| {
        let call = ObservedCall {
            function: function.to_owned(),
            depth: watch.depth,
            outcome: CallOutcome::Unfinished,
            entry: entry.clone(),
        };
        let place = watch.log.with(|calls| {
            calls.push(call);
            calls.len() - 1
        });
        (watch.log.clone(), place)
    });
    Note { stores, places: places.collect(), inside: watch.as_deref().map(Watch::one_deeper) }
}

impl Watch {
    fn one_deeper(&self) -> Arc<Self> {
        let outer = self.outer.as_deref().map(Self::one_deeper);
        Arc::new(Self { log: self.log.clone(), depth: self.depth + 1, outer })
    }
}

impl Note {
    /// Makes the running code part of the call.
    pub(super) fn enter(&self) -> Inside {
        Inside { before: replace(self.inside.clone()) }
    }
}

impl CallObserver for Note {
    fn inside(&self, run: &mut dyn FnMut()) {
        let _inside = self.enter();
        run();
    }

    fn store(&self, layer: usize) -> &'static str {
        self.stores.get(layer).copied().unwrap_or_default()
    }

    fn end(&self, outcome: CallOutcome) {
        for (log, place) in &self.places {
            log.with(|calls| {
                if let Some(call) = calls.get_mut(*place) {
                    call.outcome = outcome;
                }
            });
        }
    }
}

//! Stores and functions that are switched off, by name.
//!
//! A hit must not pay for switches that nobody uses. So the number that it compares anyway, that of
//! the installation, has a bit which says that something is off; then the comparison fails, and the
//! call goes where there is time to look.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The epoch of the current installation, 0 before the first use; and [`SWITCHED_OFF`]. Read on
/// every hit.
static EPOCH: AtomicU64 = AtomicU64::new(0);

/// Something is switched off; no epoch has this bit.
const SWITCHED_OFF: u64 = 1 << 63;

/// Returns the epoch if nothing is switched off, and else something that is no epoch.
#[inline]
pub(crate) fn epoch_or_switched_off() -> u64 {
    EPOCH.load(Ordering::Relaxed)
}

#[inline]
pub(crate) fn epoch() -> u64 {
    EPOCH.load(Ordering::Relaxed) & !SWITCHED_OFF
}

pub(crate) fn set_epoch(epoch: u64) {
    let kept = |old: u64| Some(old & SWITCHED_OFF | epoch);
    let _ = EPOCH.fetch_update(Ordering::Release, Ordering::Relaxed, kept);
}

/// Notes whether something is switched off.
fn mark_switched_off(any: bool) {
    match any {
        true => EPOCH.fetch_or(SWITCHED_OFF, Ordering::Release),
        false => EPOCH.fetch_and(!SWITCHED_OFF, Ordering::Release),
    };
}

/// Whether one store, or one function, is off.
#[derive(Debug, Default)]
pub(crate) struct Switch(AtomicBool);

impl Switch {
    pub(crate) fn is_off(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// What is switched on and off under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Store,
    Function,
}

type Switches = BTreeMap<Kind, BTreeMap<String, Arc<Switch>>>;

/// The switches of all names that were ever asked for. Names come from the source of the program, so
/// they are few.
static SWITCHES: Mutex<Switches> = Mutex::new(BTreeMap::new());

fn lock() -> MutexGuard<'static, Switches> {
    SWITCHES.lock().unwrap_or_else(PoisonError::into_inner)
}

static ALL_OFF: AtomicBool = AtomicBool::new(false);

/// Returns the switch of a name: one and the same, whoever asks and whatever is installed.
pub(crate) fn switch(kind: Kind, name: &str) -> Arc<Switch> {
    find(&mut lock(), kind, name)
}

fn find(switches: &mut Switches, kind: Kind, name: &str) -> Arc<Switch> {
    let switches = switches.entry(kind).or_default();
    if let Some(switch) = switches.get(name) {
        return Arc::clone(switch);
    }
    Arc::clone(switches.entry(name.to_owned()).or_default())
}

/// Tells whether a name is off, without making a switch of it.
pub(crate) fn switch_is_off(kind: Kind, name: &str) -> bool {
    let switches = lock();
    switches.get(&kind).and_then(|of| of.get(name)).is_some_and(|switch| switch.is_off())
}

/// Switches a name off or on.
pub(crate) fn set(kind: Kind, name: &str, off: bool) {
    let mut switches = lock();
    find(&mut switches, kind, name).0.store(off, Ordering::Release);
    note(&switches);
}

/// Switches everything off, or on again but for what is off by its name.
pub(crate) fn set_all(off: bool) {
    let switches = lock();
    ALL_OFF.store(off, Ordering::Release);
    note(&switches);
}

/// Tells whether everything is switched off.
pub(crate) fn all_off() -> bool {
    ALL_OFF.load(Ordering::Acquire)
}

/// Tells calls whether they have to look; with the lock held, so that the last one is right.
fn note(switches: &Switches) {
    let any = switches.values().flat_map(BTreeMap::values).any(|switch| switch.is_off());
    mark_switched_off(any || all_off());
}

//! What there is without a cache: the call itself, and a map with a lock.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::AtomicU64;
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::report::PLAIN;

use super::{InMemory, Named, body, call_all};

pub(super) const HASH_MAP: &str = "Mutex<HashMap>";

/// The body of a plain call runs every time, as it is meant to.
static NOT_COUNTED: AtomicU64 = AtomicU64::new(0);
static BY_ID_RUNS: AtomicU64 = AtomicU64::new(0);
static BY_NAME_RUNS: AtomicU64 = AtomicU64::new(0);

static BY_ID_MAP: LazyLock<Mutex<HashMap<u64, u64>>> = LazyLock::new(Mutex::default);
static BY_NAME_MAP: LazyLock<Mutex<HashMap<(String, u64), u64>>> = LazyLock::new(Mutex::default);

pub(super) const PLAIN_BY_ID: InMemory<u64> =
    InMemory { name: PLAIN, call_all: |ids| call_all(ids, plain), computed: &NOT_COUNTED };

pub(super) const PLAIN_BY_NAME: InMemory<Named> = InMemory {
    name: PLAIN,
    call_all: |args| call_all(args, |(name, id)| plain(id + name.len() as u64)),
    computed: &NOT_COUNTED,
};

pub(super) const MAP_BY_ID: InMemory<u64> = InMemory {
    name: HASH_MAP,
    call_all: |ids| call_all(ids, |id| in_map(&BY_ID_MAP, id, || body(id, &BY_ID_RUNS))),
    computed: &BY_ID_RUNS,
};

pub(super) const MAP_BY_NAME: InMemory<Named> = InMemory {
    name: HASH_MAP,
    call_all: |args| {
        call_all(args, |(name, id)| {
            let compute = || body(id + name.len() as u64, &BY_NAME_RUNS);
            in_map(&BY_NAME_MAP, (name.to_owned(), id), compute)
        })
    },
    computed: &BY_NAME_RUNS,
};

/// What a body does but for counting that it did, which costs more.
#[inline(never)]
fn plain(id: u64) -> u64 {
    id ^ 0x5555
}

fn in_map<K: Hash + Eq>(map: &Mutex<HashMap<K, u64>>, key: K, compute: impl Fn() -> u64) -> u64 {
    let mut map = map.lock().unwrap_or_else(PoisonError::into_inner);
    *map.entry(key).or_insert_with(compute)
}

//! The subjects: cached-kit, its peers and bare alternatives. Each does by its own means what our
//! attribute does: look for the result, and compute and keep it if there is none.

mod bare_redis;
mod baselines;
mod cached_kit;
mod cached_peer;
mod foyer;
mod kit_in_redis;
mod moka;
pub(crate) mod objects;
mod quick_cache;

use std::error::Error;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::hint::black_box;
use std::ops::Range;
use std::pin::Pin;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use equivalent::Equivalent;
use serde::{Deserialize, Serialize};

/// How many entries each subject may keep. The attributes of both macros repeat it as a literal.
///
/// Twice as many as there are keys, because some peers divide it among shards and give room to a
/// key in its own shard alone.
pub(crate) const CAPACITY: usize = 20_000;

/// How long each subject keeps an entry, in seconds; also a literal in the attributes.
const TIMEOUT_SECS: u64 = 3600;

/// How long a reply from Redis may take where that can be set: a machine that stands still for a
/// moment would otherwise end the run, with a miss of ours or an error of a peer's.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The arguments of the second function.
pub(crate) type Named = (&'static str, u64);

/// A subject that keeps results in memory, with a function that takes `A`.
pub(crate) struct InMemory<A: 'static> {
    pub(crate) name: &'static str,
    /// Calls the function with each of the arguments.
    pub(crate) call_all: fn(&[A]),
    /// How often the body ran.
    pub(crate) computed: &'static AtomicU64,
}

/// A subject with a function that is never called twice with the same number.
pub(crate) struct Fresh {
    pub(crate) name: &'static str,
    /// Calls the function with each of the numbers.
    pub(crate) call_all: fn(Range<u64>),
}

impl Fresh {
    /// How many results each subject keeps; also a literal in the attributes.
    pub(crate) const CAPACITY: usize = 10_000;
}

/// A subject that keeps results in Redis.
pub(crate) struct InRedis {
    pub(crate) name: &'static str,
    /// Connects to the server at a URL, or gets ready to.
    pub(crate) prepare: fn(&str) -> BoxFuture<Result<(), BoxError>>,
    /// Calls the function with each of the arguments, one after the other.
    pub(crate) call_all: fn(Vec<u64>) -> BoxFuture<Result<(), BoxError>>,
    /// How often the body ran.
    pub(crate) computed: &'static AtomicU64,
}

/// A subject that reads many results in Redis at once.
pub(crate) struct Many {
    pub(crate) name: &'static str,
    /// Reads these so many times.
    pub(crate) read: fn(Vec<u64>, usize) -> BoxFuture<Result<(), BoxError>>,
}

/// A subject that keeps results in Redis and blocks while it reads.
pub(crate) struct Blocking {
    pub(crate) name: &'static str,
    /// Connects to the server at a URL, or gets ready to.
    pub(crate) prepare: fn(&str) -> Result<(), BoxError>,
    /// Calls the function with each of the arguments, one after the other.
    pub(crate) call_all: fn(&[u64]) -> Result<(), BoxError>,
}

/// A subject with a large value in Redis, and small ones.
pub(crate) struct Large {
    pub(crate) name: &'static str,
    /// Stores a value of so many bytes.
    pub(crate) store: fn(usize) -> BoxFuture<Result<(), BoxError>>,
    /// Reads it once.
    pub(crate) read: fn() -> BoxFuture<Result<(), BoxError>>,
    /// Reads a small one.
    pub(crate) small: fn(u64) -> BoxFuture<Result<(), BoxError>>,
}

/// Watches that bodies do not run.
pub(crate) struct Bodies(Vec<(&'static str, &'static AtomicU64, u64)>);

impl Bodies {
    pub(crate) fn watch(of: impl Iterator<Item = (&'static str, &'static AtomicU64)>) -> Self {
        Self(of.map(|(name, runs)| (name, runs, runs.load(Ordering::Relaxed))).collect())
    }

    /// Fails if one ran since: then what was measured is not a hit.
    pub(crate) fn check(&self) -> Result<(), BoxError> {
        for (name, runs, before) in &self.0 {
            let ran = runs.load(Ordering::Relaxed) - before;
            if ran > 0 {
                return Err(format!("`{name}` missed {ran} times while hits were measured").into());
            }
        }
        Ok(())
    }
}

/// Returns the subjects with a function of a number.
pub(crate) fn by_id() -> Result<Vec<InMemory<u64>>, BoxError> {
    // Installing a second time is an error.
    static INSTALLED: LazyLock<Result<(), String>> =
        LazyLock::new(|| cached_kit::install_in_memory().map_err(|error| error.to_string()));
    INSTALLED.clone()?;
    Ok(vec![
        cached_kit::BY_ID,
        cached_kit::UNTIMED,
        cached_kit::LAYERED,
        cached_peer::BY_ID,
        moka::BY_ID,
        quick_cache::BY_ID,
        foyer::BY_ID,
        baselines::PLAIN_BY_ID,
        baselines::MAP_BY_ID,
    ])
}

/// Returns those with a function of a text and a number.
pub(crate) fn by_name() -> Vec<InMemory<Named>> {
    vec![
        cached_kit::BY_NAME,
        cached_peer::BY_NAME,
        moka::BY_NAME,
        quick_cache::BY_NAME,
        foyer::BY_NAME,
        baselines::PLAIN_BY_NAME,
        baselines::MAP_BY_NAME,
    ]
}

/// Returns those with a function of numbers that are always new.
pub(crate) fn fresh() -> Vec<Fresh> {
    vec![cached_kit::FRESH, cached_peer::FRESH, moka::FRESH, quick_cache::FRESH, foyer::FRESH]
}

/// Returns those with a store in Redis.
pub(crate) fn in_redis() -> Vec<InRedis> {
    vec![kit_in_redis::IN_REDIS, cached_peer::IN_REDIS, bare_redis::IN_REDIS]
}

/// Returns the subjects that read many results at once; [`in_redis`] prepares them.
pub(crate) fn many() -> Vec<Many> {
    vec![kit_in_redis::BATCH, kit_in_redis::BY_HAND, bare_redis::MANY]
}

/// Returns the subjects that block while they read.
pub(crate) fn blocking() -> Vec<Blocking> {
    vec![kit_in_redis::BLOCKING, bare_redis::BLOCKING]
}

/// Returns those with large values; [`in_redis`] prepares them.
pub(crate) fn large() -> Vec<Large> {
    vec![kit_in_redis::LARGE, bare_redis::LARGE]
}

/// Calls a function with each of the arguments; the compiler knows neither them nor what for.
#[inline(never)]
fn call_all<A: Copy>(args: &[A], function: impl Fn(A) -> u64) {
    for arg in args {
        black_box(function(black_box(*arg)));
    }
}

/// Calls a function with each of the numbers.
#[inline(never)]
fn call_fresh(ids: Range<u64>, function: impl Fn(u64) -> u64) {
    for id in ids {
        black_box(function(black_box(id)));
    }
}

/// What the functions compute; `runs` counts that they did.
fn body(id: u64, runs: &AtomicU64) -> u64 {
    runs.fetch_add(1, Ordering::Relaxed);
    id ^ 0x5555
}

/// The arguments of the second function in the form in which peers find their owned keys.
#[derive(PartialEq, Eq)]
struct Borrowed<'a>(&'a str, u64);

impl Hash for Borrowed<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0, self.1).hash(state);
    }
}

impl Equivalent<(String, u64)> for Borrowed<'_> {
    fn equivalent(&self, key: &(String, u64)) -> bool {
        self.0 == key.0 && self.1 == key.1
    }
}

/// What the functions return that are kept in Redis: some 100 bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Profile {
    id: u64,
    name: String,
    email: String,
    visits: u32,
    score: f64,
    about: String,
}

impl Profile {
    fn compute(id: u64, runs: &AtomicU64) -> Self {
        runs.fetch_add(1, Ordering::Relaxed);
        Self {
            id,
            name: format!("user {id}"),
            email: format!("user{id}@example.org"),
            visits: 42,
            score: 0.75,
            about: "Likes long walks.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::PLAIN;

    #[test]
    fn a_borrowed_key_is_found_as_its_owned_twin() {
        let hash = |key: &dyn Fn(&mut std::hash::DefaultHasher)| {
            let mut state = std::hash::DefaultHasher::new();
            key(&mut state);
            state.finish()
        };
        let (borrowed, owned) = (Borrowed("a", 1), (String::from("a"), 1_u64));
        assert_eq!(hash(&|state| borrowed.hash(state)), hash(&|state| owned.hash(state)));
        assert!(borrowed.equivalent(&owned));
        assert!(!borrowed.equivalent(&("a".to_owned(), 2)));
        assert!(!borrowed.equivalent(&("b".to_owned(), 1)));
    }

    #[test]
    fn a_profile_is_about_a_hundred_bytes() {
        let profile = Profile::compute(500, &AtomicU64::new(0));
        let len = rmp_serde::to_vec_named(&profile).unwrap().len();
        assert!((90..=110).contains(&len), "{len}");
    }

    #[test]
    fn a_body_that_ran_is_an_error_that_says_whose() {
        static RUNS: AtomicU64 = AtomicU64::new(7);
        let bodies = Bodies::watch([("a subject", &RUNS)].into_iter());
        bodies.check().unwrap();
        body(1, &RUNS);
        let error = bodies.check().unwrap_err().to_string();
        assert!(error.contains("`a subject` missed 1 times"), "{error}");
    }

    /// The attributes cannot say `CAPACITY`, so this looks whether all keys have room.
    #[test]
    fn everybody_runs_the_body_once_for_each_key() {
        const KEYS: u64 = CAPACITY as u64 / 2;
        let ids: Vec<u64> = (0..KEYS).collect();
        let names: Vec<Named> = ids.iter().map(|&id| ("name", id)).collect();
        for subject in by_id().unwrap().into_iter().filter(|subject| subject.name != PLAIN) {
            (0..2).for_each(|_| (subject.call_all)(&ids));
            assert_eq!(subject.computed.load(Ordering::Relaxed), KEYS, "{}", subject.name);
        }
        for subject in by_name().into_iter().filter(|subject| subject.name != PLAIN) {
            (0..2).for_each(|_| (subject.call_all)(&names));
            assert_eq!(subject.computed.load(Ordering::Relaxed), KEYS, "{}", subject.name);
        }
    }
}

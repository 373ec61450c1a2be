//! Four threads on small caches of a million keys that live for milliseconds, for five seconds or as
//! long as `CACHED_SOAK_SECONDS` says; `cargo xtask soak` takes a minute.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "all of this is a test, also what its threads share"
)]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use cached_kit::{MemoryCache, Stats, block_on, cached};
use cached_testing::hard_timeout;

const THREADS: u64 = 4;
const KEYS: u64 = 1_000_000;
const CAPACITY: u64 = 1000;
/// The most by which the bound may be exceeded: the number of shards, which is no more than this.
const SHARDS: u64 = 16;
/// By how much the process may grow once it has warmed up.
const GROWTH: u64 = 8 << 20;
/// More values than this at a time, in three caches, were not given back. A thread that is preempted in
/// the middle of a hit keeps for so long what leaves meanwhile.
const MOST_ALIVE: u64 = 200_000;
/// How long a cache that nobody uses may take to become empty, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

static ALIVE: AtomicU64 = AtomicU64::new(0);

/// Knows its key, and lies on the heap, where what is not given back would show.
struct Value {
    key: u64,
    copies: Box<[u64; 7]>,
}

impl Value {
    fn new(key: u64) -> Self {
        ALIVE.fetch_add(1, Relaxed);
        Self { key, copies: Box::new([!key; 7]) }
    }

    fn assert_of(&self, key: u64) {
        assert_eq!((self.key, *self.copies), (key, [!key; 7]));
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        self.assert_of(self.key);
        Self::new(self.key)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.assert_of(self.key);
        self.copies.fill(0);
        ALIVE.fetch_sub(1, Relaxed);
    }
}

/// 1 to 200 ms: some expire, and some are evicted before.
fn life(of: u64) -> Duration {
    Duration::from_millis(1 + of % 200)
}

#[cached(max_entries = 1000, timeout = "1ms")]
fn short(key: u64) -> Value {
    Value::new(key)
}

#[cached(max_entries = 1000, policy = lru, timeout = |value: &Value| life(value.key))]
async fn adaptive(key: u64) -> Value {
    Value::new(key)
}

/// All caches: their names, how much is in them, what happened there.
fn all(object: &MemoryCache<u64, Value>) -> [(&'static str, Stats); 3] {
    [("object", object.stats()), ("short", short::stats()), ("adaptive", adaptive::stats())]
}

/// How many entries there are; a function that was never called has no layer yet.
fn entries(stats: &Stats) -> u64 {
    stats.layers.iter().map(|layer| layer.entries).sum()
}

/// Says when a thread ends, which none does by itself unless it panics.
struct Ends(Sender<()>);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

/// Uses the caches until `over`, and returns how often.
fn work(object: &MemoryCache<u64, Value>, seed: u64, over: &AtomicBool) -> u64 {
    let mut random = seed;
    let mut steps = 0;
    while !over.load(Relaxed) {
        random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let dice = random >> 33;
        // Half of the steps are for keys that come back while they are there.
        let key =
            if dice.is_multiple_of(2) { (random >> 24) % KEYS } else { (random >> 24) % 1500 };
        step(object, key, dice / 2);
        assert!(object.len() as u64 <= CAPACITY + SHARDS);
        if steps % 64 == 0 {
            let alive = ALIVE.load(Relaxed);
            assert!(alive <= MOST_ALIVE, "{alive} values at a time");
            for (name, stats) in all(object) {
                assert!(entries(&stats) <= CAPACITY + SHARDS, "{name}: {stats:?}");
            }
        }
        steps += 1;
    }
    steps
}

fn step(object: &MemoryCache<u64, Value>, key: u64, dice: u64) {
    match dice % 100 {
        0..40 => object.get(&key).into_iter().for_each(|value| value.assert_of(key)),
        40..62 => object.insert_for(key, Value::new(key), life(dice)),
        62..68 => object.get_or_insert_with(key, || Value::new(key)).assert_of(key),
        68..70 => drop(object.remove(&key)),
        70..72 => drop(object.touch_for(&key, life(dice))),
        72..85 => short(key).assert_of(key),
        85..97 => block_on(adaptive(key)).assert_of(key),
        97 => short::force_update(key).assert_of(key),
        98 => block_on(adaptive::entry(key).invalidate()).unwrap(),
        _ if dice % 10_000 == 99 => object.clear(),
        _ => object.insert_for(key, Value::new(key), Duration::ZERO),
    }
}

#[test]
fn small_caches_of_many_short_lived_keys_stay_small() {
    let seconds = env::var("CACHED_SOAK_SECONDS").map_or(5, |text| match text.parse() {
        Ok(seconds @ 1..) => seconds,
        _ => panic!("`CACHED_SOAK_SECONDS` is `{text}`, and not a number of seconds above 0"),
    });
    let time = Duration::from_secs(seconds);
    hard_timeout(time + 4 * PATIENCE, "soak", move || soak(time));
}

fn soak(time: Duration) {
    let builder = MemoryCache::builder().max_entries(CAPACITY as usize);
    let object = builder.timeout(Duration::from_millis(1)).build().unwrap();
    let (ends, ended) = channel();
    let over = AtomicBool::new(false);
    let started = now();
    let (steps, [warm, end]) = thread::scope(|threads| {
        let spawn = |seed| {
            let (object, over, ends) = (&object, &over, Ends(ends.clone()));
            threads.spawn(move || {
                let _ends = ends;
                work(object, seed, over)
            })
        };
        let workers: Vec<_> = (1..=THREADS).map(spawn).collect();
        let resident = [time / 5, time].map(|at| {
            // Ends early if a thread panics, which the scope will report.
            let left = (started + at).saturating_duration_since(now());
            let panicked = ended.recv_timeout(left) != Err(RecvTimeoutError::Timeout);
            over.fetch_or(panicked, Relaxed);
            resident()
        });
        over.store(true, Relaxed);
        let steps: u64 = workers.into_iter().map(|worker| worker.join().unwrap()).sum();
        (steps, resident)
    });
    println!("{steps} steps of {THREADS} threads in {time:?}, {} values left", ALIVE.load(Relaxed));
    println!("{} kB in memory after a fifth of the time, {} at the end", warm / 1024, end / 1024);
    assert!(end <= warm + GROWTH, "from {warm} to {end} bytes");
    let mut all_evicted = 0;
    for (name, Stats { hits, misses, layers, .. }) in all(&object) {
        let (evicted, expired) = (layers[0].evicted, layers[0].expired);
        println!("{name}: {hits} hits, {misses} misses, {evicted} evicted, {expired} expired");
        assert!(hits > 0 && misses > 0 && expired > 0, "`{name}` was not tested");
        all_evicted += evicted;
    }
    assert!(all_evicted > 0, "nothing was ever full");
    wait_for("caches that nobody uses to become empty", || {
        all(&object).iter().all(|(_, stats)| entries(stats) == 0)
    });
    drop(object);
    wait_for("all values to be dropped", || ALIVE.load(Relaxed) == 0);
    wait_for("the thread of the maintenance to end", || !is_maintained());
}

/// Waits without using any of the caches.
fn wait_for(what: &str, there: impl Fn() -> bool) {
    let (started, deadline) = (now(), now() + PATIENCE);
    while !there() {
        assert!(now() < deadline, "waited {PATIENCE:?} for {what}");
        thread::park_timeout(Duration::from_millis(1));
    }
    println!("waited {:.1?} for {what}", started.elapsed());
}

/// How many bytes of the process are in memory; 0 where the system does not say.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    number.map_or(0, |kilobytes| 1024 * kilobytes)
}

/// Whether the maintenance has a thread, where the system says so.
fn is_maintained() -> bool {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let names = threads.flat_map(|thread| fs::read_to_string(thread.path().join("comm")));
    // The system cuts names off.
    names.into_iter().any(|name| name.starts_with("cached-kit-main"))
}

#[allow(clippy::disallowed_methods, reason = "limits a test in real time")]
fn now() -> Instant {
    Instant::now()
}

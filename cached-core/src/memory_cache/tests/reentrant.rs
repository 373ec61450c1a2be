//! bug 16: values that use the cache when they are dropped, wherever that is.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, Weak};

use super::*;

type Noisy = MemoryCache<u32, Tell>;

/// Uses its cache in every way when the last clone of it is dropped.
#[derive(Clone)]
struct Tell(#[allow(dead_code, reason = "it is for its destructor")] Arc<Telling>);

struct Telling {
    cache: Weak<OnceLock<Noisy>>,
    told: Arc<AtomicU32>,
    key: u32,
}

impl Drop for Telling {
    fn drop(&mut self) {
        let told = self.told.fetch_add(1, Ordering::Relaxed);
        let Some(cache) = self.cache.upgrade() else { return };
        let Some(cache) = cache.get() else { return };
        cache.get(&self.key);
        cache.for_each(|_, _| {});
        assert!(cache.len() <= 3);
        // Each new value tells too, so this must come to an end.
        if told < 200 {
            let value = value(&self.cache, &self.told, self.key);
            cache.insert(self.key, value);
            cache.remove(&(self.key + 1));
            cache.touch(&self.key);
        }
        if told == 100 {
            cache.clear();
        }
    }
}

fn value(cache: &Weak<OnceLock<Noisy>>, told: &Arc<AtomicU32>, key: u32) -> Tell {
    Tell(Arc::new(Telling { cache: cache.clone(), told: Arc::clone(told), key }))
}

/// Does something to a full cache of noisy values and checks that it ends, and that values left.
fn noisily(name: &'static str, change: fn(&Noisy, &ManualClock, &dyn Fn(u32) -> Tell)) {
    hard_timeout(name, move || {
        let (clock, told) = (ManualClock::new(), Arc::new(AtomicU32::new(0)));
        let builder = Noisy::builder().max_entries(2).timeout(MINUTE).clock(clock.clock());
        let holder = Arc::new(OnceLock::from(builder.build().unwrap()));
        let cache = holder.get().unwrap();
        let weak = Arc::downgrade(&holder);
        let new = |key| value(&weak, &told, key);
        cache.insert(0, new(0));
        cache.insert(1, new(1));
        change(cache, &clock, &new);
        // Values that left may wait for a batch to be full.
        (0..2000).for_each(|n| cache.insert(n % 5, new(n % 5)));
        assert!(told.load(Ordering::Relaxed) > 200, "{name}");
        assert!(cache.len() <= 2);
    });
}

#[test]
fn bug_16_values_that_use_the_cache_when_they_are_evicted() {
    noisily("evict", |cache, _, new| (2..50).for_each(|key| cache.insert(key, new(key))));
}

#[test]
fn bug_16_values_that_use_the_cache_when_they_are_replaced() {
    noisily("replace", |cache, _, new| (0..50).for_each(|_| cache.insert(0, new(0))));
}

#[test]
fn bug_16_values_that_use_the_cache_when_they_are_removed_or_cleared() {
    noisily("remove", |cache, _, _| assert!(cache.remove(&0) | cache.remove(&1)));
    noisily("clear", |cache, _, _| cache.clear());
    noisily("zero", |cache, _, new| cache.insert_for(0, new(0), Duration::ZERO));
    noisily("touch", |cache, _, _| assert!(cache.touch_for(&0, Duration::ZERO)));
}

#[test]
fn bug_16_values_that_use_the_cache_when_they_expire() {
    noisily("expire", |cache, clock, new| {
        clock.advance(MINUTE);
        assert!(!cache.contains(&0));
        cache.insert(7, new(7));
    });
}

#[test]
fn bug_16_values_that_use_the_cache_while_one_is_computed() {
    noisily("compute", |cache, _, new| {
        for key in 0..50 {
            cache.get_or_insert_with(key, || {
                cache.insert(key, new(key));
                cache.insert_for(key, new(key), Duration::ZERO);
                cache.clear();
                new(key)
            });
        }
    });
}

/// A cache that is dropped while its values use it.
#[test]
fn bug_16_values_that_use_a_cache_that_is_going() {
    hard_timeout("drop", || {
        let told = Arc::new(AtomicU32::new(0));
        let holder = Arc::new(OnceLock::from(Noisy::new()));
        let weak = Arc::downgrade(&holder);
        holder.get().unwrap().insert(0, value(&weak, &told, 0));
        let clone = holder.get().unwrap().clone();
        drop(holder);
        assert_eq!(clone.len(), 1);
        drop(clone);
        assert_eq!(told.load(Ordering::Relaxed), 1);
    });
}

/// Asks for its key again when it is dropped, each clone by itself.
#[derive(Clone)]
struct Asks(Weak<OnceLock<MemoryCache<u8, Asks>>>, Arc<AtomicU32>);

impl Drop for Asks {
    fn drop(&mut self) {
        let Some(cache) = self.0.upgrade() else { return };
        let Some(cache) = cache.get() else { return };
        if self.1.fetch_add(1, Ordering::Relaxed) < 10 {
            cache.get_or_insert_with(1, || Asks(Weak::new(), Arc::default()));
        }
    }
}

/// Computes such a value, after doing something to the cache.
fn asking(cache: MemoryCache<u8, Asks>, meanwhile: fn(&MemoryCache<u8, Asks>)) {
    hard_timeout("asking", move || {
        let (holder, asked) = (Arc::new(OnceLock::from(cache)), Arc::new(AtomicU32::new(0)));
        let cache = holder.get().unwrap();
        cache.get_or_insert_with(1, || {
            meanwhile(cache);
            Asks(Arc::downgrade(&holder), Arc::clone(&asked))
        });
        assert!(asked.load(Ordering::Relaxed) > 0);
    });
}

/// It is dropped where nobody waits for it any more.
#[test]
fn bug_16_a_value_that_was_overtaken_may_ask_for_its_own_key() {
    asking(MemoryCache::new(), |cache| {
        cache.remove(&1);
        cache.clear();
    });
}

#[test]
fn bug_16_a_value_that_is_too_heavy_may_ask_for_its_own_key() {
    let builder = MemoryCache::<u8, Asks>::builder().max_bytes(5);
    let weigh = |_: &u8, value: &Asks| if value.0.strong_count() > 0 { 6 } else { 1 };
    asking(builder.weigher(weigh).build().unwrap(), |_| {});
}

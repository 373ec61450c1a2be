//! A store of six methods passes the whole suite.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cached_conformance::conformance::{self, StoreFactory};
use cached_core::{
    Clock, Codec, Compression, Error, ErrorKind, ManualClock, Scope, Store, StoreFuture, Tick,
    Timeout, Ttl,
};
use cached_testing::hard_timeout;

use crate::{check, execute};

struct Entry {
    value: Vec<u8>,
    deadline: Tick,
}

/// A map behind a lock, as a user may begin with.
struct SixMethods {
    clock: Clock,
    entries: Mutex<BTreeMap<String, Entry>>,
}

impl SixMethods {
    fn new(clock: Clock) -> Self {
        Self { clock, entries: Mutex::default() }
    }

    /// Returns the entries that have not expired.
    fn live(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        entries.retain(|_, entry| entry.deadline > now);
        entries
    }

    fn deadline(&self, timeout: Timeout) -> Tick {
        match timeout {
            Timeout::After(after) => self.clock.now().after(after),
            Timeout::Never => Tick::NEVER,
        }
    }
}

impl Store for SixMethods {
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move { Ok(self.live().get(key).map(|entry| entry.value.clone())) })
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8], timeout: Timeout) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let entry = Entry { value: value.to_vec(), deadline: self.deadline(timeout) };
            self.live().insert(key.to_owned(), entry);
            Ok(())
        })
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let mut live = self.live();
            Ok(keys.iter().filter(|key| live.remove(*key).is_some()).count() as u64)
        })
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Ttl> {
        Box::pin(async move {
            Ok(match self.live().get(key).map(|entry| entry.deadline) {
                Some(Tick::NEVER) => Ttl::Left(Timeout::Never),
                Some(deadline) => Ttl::Left(deadline.since(self.clock.now()).into()),
                None => Ttl::Absent,
            })
        })
    }

    fn incr<'a>(&'a self, key: &'a str, by: i64, timeout: Timeout) -> StoreFuture<'a, i64> {
        Box::pin(async move {
            let mut live = self.live();
            let absent = || Entry { value: b"0".to_vec(), deadline: self.deadline(timeout) };
            let entry = live.entry(key.to_owned()).or_insert_with(absent);
            let digits = std::str::from_utf8(&entry.value).ok();
            let sum = digits.and_then(|it| it.parse::<i64>().ok()).and_then(|n| n.checked_add(by));
            let sum = sum.ok_or_else(|| Error::new(ErrorKind::NotAnInteger, "no integer"))?;
            entry.value = sum.to_string().into_bytes();
            Ok(sum)
        })
    }

    fn scan<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, Vec<String>> {
        Box::pin(async move {
            Ok(self.live().keys().filter(|key| scope.contains(key)).cloned().collect())
        })
    }
}

struct Factory {
    time: ManualClock,
    ends_when_closed: bool,
}

impl StoreFactory for Factory {
    fn name(&self) -> String {
        "six methods".to_owned()
    }

    fn open(&self, _prefix: &str) -> Arc<dyn Store> {
        Arc::new(SixMethods::new(self.clock()))
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn ends_when_closed(&self) -> bool {
        self.ends_when_closed
    }

    fn clock(&self) -> Clock {
        self.time.clock()
    }

    fn pass(&self, time: Duration) {
        self.time.advance(time);
    }
}

fn factory(ends_when_closed: bool) -> Factory {
    Factory { time: ManualClock::new(), ends_when_closed }
}

#[test]
fn a_store_of_six_methods_passes_the_whole_suite() {
    hard_timeout(Duration::from_secs(120), "six methods", || {
        conformance::run(&factory(false));
        execute(conformance::run_async(&factory(false)));
    });
}

#[test]
fn a_store_that_goes_on_does_not_pass_as_one_that_ends() {
    let check = check("a_closed_store_refuses_everything_or_goes_on");
    let failure = check.run(&factory(true)).unwrap_err();
    assert!(failure.to_string().contains("an error of the kind `Closed`"), "{failure}");
}

#[test]
fn a_store_has_defaults_for_all_settings() {
    let store = SixMethods::new(Clock::system());
    assert_eq!(store.default_timeout(), Timeout::After(Duration::from_secs(300)));
    assert_eq!(store.default_version(), None);
    assert_eq!(store.codec(), Codec::MessagePack);
    assert_eq!(format!("{:?}", store.compression()), format!("{:?}", Compression::none()));
    assert_eq!(store.op_timeout(), Duration::from_millis(250));
}

//! What hand-made entries look like in a store, and what happens to them inside.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::*;
use crate::clock::Clock;
use crate::memo::HandMemo;
use crate::{Caches, MemoryStore, block_on};

/// Makes the handle of a store that nobody else has, and that store.
fn by_hand() -> (Cache, MemoryStore) {
    let (clock, store) = (Clock::system(), MemoryStore::new());
    let bound = Duration::from_secs(10);
    let memo = Arc::new(HandMemo::new("test", &clock, bound, Arc::new(store.clone())));
    let shared = Arc::clone(&Caches::get("memory").unwrap().shared);
    (Cache::new("test", shared, memo), store)
}

fn stored(store: &MemoryStore, key: &str) -> Vec<u8> {
    block_on(store.get(key)).unwrap().unwrap()
}

fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn keys_begin_with_a_colon_or_a_version_and_stay_readable() {
    let (cache, _) = by_hand();
    assert_eq!(cache.at("user:1/a@b").text, ":user:1/a@b");
    assert_eq!(cache.version(2).at("user:1").text, "@2:user:1");
    assert_eq!(cache.at("").text, ":");
    assert_eq!(cache.at("a b*é~%\n").text, ":a%20b%2A%C3%A9%7E%25%0A");
    let apart = ["@2:a", ":a", "a", "2:a", "%3Aa", "%40a"].map(|key| cache.at(key).text);
    assert_eq!(apart.iter().collect::<std::collections::HashSet<_>>().len(), apart.len());
    assert_ne!(cache.at("@2:a").text, cache.version(2).at("a").text);
}

#[test]
fn integers_are_digits_and_everything_else_is_in_an_envelope() {
    let (cache, store) = by_hand();
    let handle = cache.blocking();
    handle.set("n", &-5i8).unwrap();
    assert_eq!(stored(&store, ":n"), b"-5");
    handle.set("n", &u64::MAX).unwrap();
    assert_eq!(stored(&store, ":n")[..2], [0xc1, b'K']);
    handle.timeout(Duration::from_secs(60)).set("t", "5").unwrap();
    let bytes = stored(&store, ":t");
    let (header, _) = crate::codec::Header::parse(&bytes).unwrap();
    assert_eq!((header.created_millis, header.fresh), (0, Timeout::Never), "`touch` may come");
    assert_eq!(header.check, cache.at("t").check);
}

/// A type that is a number in compact formats and a word in readable ones, as months are in some
/// crates.
#[derive(Debug, PartialEq)]
struct Month(u8);

impl Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.serialize_str(&format!("month {}", self.0)),
            false => serializer.serialize_u8(self.0),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Month {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return u8::deserialize(deserializer).map(Month);
        }
        let text = String::deserialize(deserializer)?;
        let month = text.strip_prefix("month ").and_then(|month| month.parse().ok());
        month.map(Month).ok_or_else(|| serde::de::Error::custom("not a month"))
    }
}

#[test]
fn a_number_is_read_back_by_the_codec_that_made_it_one() {
    let handle = by_hand().0.blocking();
    handle.set("month", &Month(5)).unwrap();
    assert_eq!(handle.get("month").unwrap(), Some(Month(5)));
    handle.set("month", &Some(Month(200))).unwrap();
    assert_eq!(handle.get("month").unwrap(), Some(Some(Month(200))));
    assert_eq!(handle.get_or_compute("month", || Month(6)), Month(200));
    assert_eq!(handle.get_many(&["month", "none"]).unwrap(), [Some(Month(200)), None]);
    handle.incr("count", i64::MAX).unwrap();
    assert_eq!(handle.get::<u64>("count").unwrap(), Some(i64::MAX.unsigned_abs()));
    assert_eq!(handle.get::<u128>("count").unwrap(), Some(u128::from(i64::MAX.unsigned_abs())));
}

/// bug 20, on a path of its own: the entry is of another type, so that it is replaced.
#[test]
fn bug_20_a_replacement_that_began_before_a_delete_or_set_is_not_stored() {
    let (cache, _) = by_hand();
    let handle = cache.blocking();
    for deleted in [true, false] {
        handle.set("k", "a text").unwrap();
        let (release, released) = (event_listener::Event::new(), std::cell::Cell::new(false));
        let compute = || async {
            let listener = release.listen();
            if !released.get() {
                listener.await;
            }
            7u8
        };
        let mut call = pin!(cache.get_or_compute("k", compute));
        assert!(poll_once(call.as_mut()).is_pending(), "it computes");
        match deleted {
            true => assert!(handle.delete("k").unwrap()),
            false => handle.set("k", &8u8).unwrap(),
        }
        released.set(true);
        release.notify(usize::MAX);
        assert_eq!(poll_once(call.as_mut()), Poll::Ready(7), "the call has its value");
        assert_eq!(handle.get::<u8>("k").unwrap(), (!deleted).then_some(8));
    }
}

#[test]
fn a_value_of_another_type_is_replaced_by_the_computed_one() {
    let handle = by_hand().0.blocking();
    handle.set("k", "a text").unwrap();
    assert_eq!(handle.get_or_compute("k", || 7u8), 7);
    assert_eq!(handle.get::<u8>("k").unwrap(), Some(7));
    assert_eq!(handle.try_get_or_compute("k", || Err::<String, _>("failed")), Err("failed"));
    assert_eq!(handle.get::<u8>("k").unwrap(), Some(7), "a failure replaces nothing");
}

#[test]
fn bug_15_nothing_is_left_of_a_key_that_nobody_works_on() {
    let (cache, _) = by_hand();
    let handle = cache.blocking();
    for n in 0..50 {
        let key = format!("k{n}");
        handle.get_or_compute(&key, || "computed".to_owned());
        handle.set(&key, "set").unwrap();
        handle.get_or_compute(&key, || 0u8);
        handle.set(&key, &1).unwrap();
        handle.incr(&key, 1).unwrap();
        handle.set_many(&[(&key, 1), (&key, 2)]).unwrap();
        handle.delete_many(&[&key, "other"]).unwrap();
        handle.delete(&key).unwrap();
    }
    let mut dropped = Box::pin(cache.get_or_compute("k", std::future::pending::<u8>));
    assert!(poll_once(dropped.as_mut()).is_pending());
    assert_eq!(cache.memo.memo.table.len(), 1);
    drop(dropped);
    assert_eq!(cache.memo.memo.table.len(), 0);
}

/// Nothing is written before it is this change's turn: a computed value that is being written, or
/// may still be, would otherwise come after it.
#[test]
fn bug_20_changes_take_turns_with_results_that_are_being_written() {
    let (cache, _) = by_hand();
    let handle = cache.blocking();
    let key_ref = cache.memo.memo.table.key_ref(&cache.at("k").text);
    let changes: [crate::StoreFuture<'_, ()>; 5] = [
        Box::pin(cache.set("k", &2)),
        Box::pin(cache.set_many(&[("k", 2), ("other", 2)])),
        Box::pin(async { cache.delete("k").await.map(drop) }),
        Box::pin(async { cache.delete_many(&["k"]).await.map(drop) }),
        Box::pin(async { cache.incr("k", 1).await.map(drop) }),
    ];
    for mut change in changes {
        handle.set("k", &1).unwrap();
        let writing = key_ref.write_lock().try_write().unwrap();
        assert!(poll_once(change.as_mut()).is_pending());
        assert_eq!(handle.get::<u8>("k").unwrap(), Some(1));
        drop(writing);
        block_on(change).unwrap();
        assert_ne!(handle.get::<u8>("k").unwrap(), Some(1));
    }
}

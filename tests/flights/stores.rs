//! Stores that fail, or hold what is not ours (bugs 56 and 60).

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use cached_conformance::Operation;
use cached_kit::{block_on, cached};

use crate::support::{Entries, limited, still};

#[test]
fn bug_56_nothing_is_written_after_a_read_that_was_not_answered() {
    #[cached(using = "memory", timeout = 60)]
    #[cached(using = "store", timeout = 60)]
    fn lost_reads(n: u64) -> u64 {
        n
    }
    limited("lost reads", || {
        let (world, _guard) = still();
        world.store.before(Operation::Get).of("lost_reads").fail();
        for n in 0..10 {
            assert_eq!(lost_reads(n), n);
            assert_eq!(lost_reads(n), n);
        }
        let count = |at| world.store.before(at).of("lost_reads").count();
        assert_eq!([count(Operation::Get), count(Operation::Set)], [10, 0]);
        let stats = lost_reads::stats();
        assert_eq!((stats.computed, stats.layers[0].hits), (10, 10), "memory goes on working");
        assert_eq!(stats.layers[1].unavailable, 10);
    });
}

#[test]
fn a_store_that_is_lost_altogether_costs_nothing_but_its_hits() {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    #[cached(using = "store")]
    async fn all_lost(n: u64) -> Result<u64, String> {
        Ok(n + CALLS.fetch_add(1, SeqCst))
    }
    limited("all lost", || {
        let (world, _guard) = still();
        for point in [Operation::Get, Operation::Set, Operation::Delete, Operation::Clear] {
            world.store.before(point).of("all_lost").fail();
        }
        assert_eq!(block_on(all_lost(0)), Ok(0));
        assert_eq!(block_on(all_lost::force_update(0)), Ok(1));
        assert_eq!(block_on(all_lost::entry(0).peek()), None);
        assert_eq!(block_on(all_lost::entry(0).ttl()), None);
        assert!(block_on(all_lost::entry(0).put(7)).unwrap_err().is_unavailable());
        assert!(block_on(all_lost::entry(0).invalidate()).unwrap_err().is_unavailable());
        assert!(block_on(all_lost::clear()).unwrap_err().is_unavailable());
        assert_eq!(block_on(all_lost(0)), Ok(2));
        assert_eq!(all_lost::cache().working(), 0);
    });
}

/// A lost upper store does not hide the lower one, and is not written to.
#[test]
fn a_lost_upper_store_leaves_the_lower_one_in_use() {
    #[cached(using = ["memory", "store", "lower"], max_entries = 1)]
    fn upper_lost(n: u64) -> u64 {
        n
    }
    limited("upper lost", || {
        let (world, _guard) = still();
        world.store.before(Operation::Get).of("upper_lost").fail();
        assert_eq!(upper_lost(1), 1);
        assert_eq!(world.store.before(Operation::Set).of("upper_lost").count(), 0);
        assert_eq!(world.lower.entries("upper_lost"), 1);
        assert_eq!(upper_lost(2), 2, "it takes the only place in memory");
        assert_eq!(upper_lost(1), 1);
        let stats = upper_lost::stats();
        assert_eq!((stats.computed, stats.layers[2].hits), (2, 1), "the lower one answered");
        assert_eq!(
            world.store.before(Operation::Set).of("upper_lost").count(),
            0,
            "neither is it promoted to"
        );
    });
}

#[test]
fn bug_60_what_is_not_an_entry_is_replaced_and_counted() {
    #[cached(using = "memory")]
    #[cached(using = "store")]
    fn garbage(n: u64) -> Vec<String> {
        vec![n.to_string()]
    }
    #[cached(using = "store", include = [n])]
    fn other_type(n: u64) -> u64 {
        n
    }
    limited("garbage", || {
        let (world, _guard) = still();
        let cases: [&[u8]; 5] = [b"", b"\xff\xfe", b"\xc1K", b"null", &[0xc1; 400]];
        for (n, bytes) in (0..).zip(cases) {
            world.store.put_bytes(&garbage::entry(n).key(), bytes);
            assert_eq!(garbage(n), [n.to_string()]);
            assert_eq!(garbage(n), [n.to_string()]);
            assert_eq!(garbage::stats().layers[1].undecodable, n + 1);
            assert_eq!(world.store.before(Operation::Set).of("::garbage").count(), n as usize + 1);
        }
        // A real entry, of another type.
        let key = other_type::entry(1).key();
        assert_eq!(garbage(7), ["7"]);
        let bytes = world.store.bytes(&garbage::entry(7).key());
        world.store.put_bytes(&key, &bytes);
        assert_eq!(other_type(1), 1);
        assert_eq!(other_type::stats().layers[0].undecodable, 1);
        assert_eq!(other_type::entry(1).peek(), Some(1));
    });
}

/// bug 62: two functions with one key text in two stores do not wait for each other.
#[test]
fn bug_62_one_key_in_two_stores_is_two_flights() {
    static BOTH: Barrier = Barrier::new(2);
    #[cached(using = "store", name = "bug_62")]
    fn in_the_one(n: u64) -> u64 {
        BOTH.wait();
        n
    }
    #[cached(using = "lower", name = "bug_62")]
    fn in_the_other(n: u64) -> u64 {
        BOTH.wait();
        n + 1
    }
    limited("two stores", || {
        let (_world, _guard) = still();
        std::thread::scope(|scope| {
            // Neither gets past the barrier unless both bodies run at the same time.
            let one = scope.spawn(|| in_the_one(7));
            let other = scope.spawn(|| in_the_other(7));
            assert_eq!((one.join().unwrap(), other.join().unwrap()), (7, 8));
        });
        assert_eq!((in_the_one(7), in_the_other(7)), (7, 8), "nor do they share the entry");
    });
}

//! Tests of the table by itself, small enough for Miri.

mod layout;
mod panics;
mod threads;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Table;
use super::local::pinned_call as pinned;

/// A value that counts how many of its kind there are.
struct Counted {
    value: u32,
    alive: Arc<AtomicUsize>,
}

impl Counted {
    fn new(value: u32, alive: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, Ordering::Relaxed);
        Self { value, alive: Arc::clone(alive) }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

type Counts = Table<(u32, Counted), ()>;

fn alive(count: &Arc<AtomicUsize>) -> usize {
    count.load(Ordering::Relaxed)
}

fn read(table: &Counts, hash: u32, key: u32) -> Option<u32> {
    pinned(|pin| {
        let found = table.find(pin, hash, |item| item.0 == key)?;
        Some(found.item.1.value)
    })
}

fn remove<T>(table: &Table<T, ()>, hash: u32, is: impl Fn(&T) -> bool) -> bool {
    let mut writer = table.lock();
    let id = writer.find(hash, is);
    if let Some(id) = id {
        writer.remove(id, |_| None);
    }
    id.is_some()
}

/// Drops all that left. Readers of other tests in this process may be in the way, but not for long.
fn settle<T>(table: &Table<T, ()>) {
    until(|| {
        table.collect();
        !table.lock().has_garbage()
    });
}

fn until(mut done: impl FnMut() -> bool) {
    for _ in 0..10_000_000 {
        if done() {
            return;
        }
        std::thread::yield_now();
    }
    panic!("it does not come");
}

/// A sequence of numbers that is the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((self.0 >> 33) % u64::from(end)) as u32
    }
}

/// Does to a table and to a map the same, with `hash` of keys below `keys`.
fn same_as_a_map(steps: u32, keys: u32, hash: fn(u32) -> u32) {
    let count = Arc::default();
    let table = Counts::new(());
    let mut map = HashMap::new();
    let mut numbers = Numbers(u64::from(keys));
    for step in 0..steps {
        let key = numbers.below(keys);
        let mut writer = table.lock();
        let found = writer.find(hash(key), |item| item.0 == key);
        assert_eq!(found.is_some(), map.contains_key(&key));
        let item = || (key, Counted::new(step, &count));
        match (numbers.below(16), found) {
            (0..9, Some(id)) => {
                writer.replace(id, item(), None);
                map.insert(key, step);
            }
            (0..9, None) => {
                writer.insert(hash(key), item());
                map.insert(key, step);
            }
            (9..14, Some(id)) => {
                writer.remove(id, |_| None);
                map.remove(&key);
            }
            (14, _) => writer.shrink(),
            (15, _) if numbers.below(8) == 0 => {
                let mut removed = 0;
                writer.clear(None, |_| removed += 1);
                assert_eq!(removed, map.len());
                map.clear();
            }
            _ => {}
        }
        writer.validate();
        drop(writer);
        if numbers.below(4) == 0 {
            settle(&table);
            assert_eq!(alive(&count), map.len(), "everything that left is dropped, nothing else");
        }
        for key in 0..keys {
            assert_eq!(read(&table, hash(key), key), map.get(&key).copied());
        }
    }
    drop(table);
    assert_eq!(alive(&count), 0);
}

/// Fewer where each step costs a thousand times as much.
const STEPS: u32 = if cfg!(miri) { 60 } else { 3000 };

#[test]
fn a_table_does_what_a_map_does() {
    same_as_a_map(STEPS, 40, |key| key.wrapping_mul(0x9e37_79b9));
}

#[test]
fn a_table_does_what_a_map_does_when_all_hashes_are_the_same() {
    same_as_a_map(STEPS, 40, |_| 0xffff_ffff);
}

#[test]
fn a_table_does_what_a_map_does_when_lines_run_over_the_end() {
    // Few hashes, of the last lines and without a mark of their own.
    same_as_a_map(STEPS, 60, |key| (key % 3).wrapping_sub(2) & 0x00ff_ffff);
}

#[test]
fn a_line_that_more_have_passed_than_it_counts_stays_passed() {
    const KEYS: u32 = 300;
    let count = Arc::default();
    let table = Counts::new(());
    for key in 0..KEYS {
        table.lock().insert(7, (key, Counted::new(key, &count)));
    }
    table.lock().validate();
    // From both ends, so that the last key stands behind lines that are empty.
    for key in (0..KEYS - 1).rev() {
        assert!(remove(&table, 7, |item| item.0 == key));
        assert_eq!(read(&table, 7, KEYS - 1), Some(KEYS - 1));
    }
    table.lock().validate();
    table.lock().shrink();
    table.lock().validate();
    assert_eq!(read(&table, 7, KEYS - 1), Some(KEYS - 1));
    settle(&table);
    assert_eq!(alive(&count), 1);
}

#[test]
fn an_id_stays_with_its_key_and_is_then_used_again() {
    let count = Arc::default();
    let table = Counts::new(());
    let mut writer = table.lock();
    let ids = [0, 1, 2].map(|key| writer.insert(key, (key, Counted::new(key, &count))));
    assert_eq!(ids, [0, 1, 2]);
    writer.replace(1, (1, Counted::new(11, &count)), None);
    assert_eq!(writer.find(1, |item| item.0 == 1), Some(1));
    assert_eq!(writer.nodes().get(1).map(|item| item.1.value), Some(11));
    assert_eq!(writer.nodes().hash(2), Some(2));
    writer.remove(1, |_| None);
    assert!(writer.nodes().get(1).is_none());
    assert_eq!(writer.insert(3, (3, Counted::new(3, &count))), 1);
    // Of an id that is not in use.
    writer.remove(9, |_| None);
    writer.replace(9, (9, Counted::new(9, &count)), None);
    assert_eq!(writer.validate(), [0, 1, 2]);
    assert_eq!(writer.nodes().places(), 3);
}

#[test]
fn what_left_waits_for_whoever_came_before() {
    let count = Arc::default();
    let table = Counts::new(());
    table.lock().insert(1, (1, Counted::new(10, &count)));
    pinned(|pin| {
        let found = table.find(pin, 1, |_| true).unwrap();
        assert!(remove(&table, 1, |_| true));
        pinned(|_| ());
        table.collect();
        assert!(table.lock().has_garbage());
        assert_eq!((found.item.1.value, alive(&count)), (10, 1));
        assert!(table.find(pin, 1, |_| true).is_none());
    });
    settle(&table);
    assert_eq!(alive(&count), 0);
}

#[test]
fn a_destructor_may_come_back_to_the_table() {
    struct Back(Arc<Table<Back, ()>>, u32);
    impl Drop for Back {
        fn drop(&mut self) {
            if self.1 > 0 {
                self.0.lock().insert(1, Back(Arc::clone(&self.0), self.1 - 1));
                assert!(remove(&self.0, 1, |_| true));
                self.0.collect();
            }
        }
    }
    let table = Arc::new(Table::new(()));
    table.lock().insert(1, Back(Arc::clone(&table), 3));
    assert!(remove(&table, 1, |_| true));
    // Each time only those that had left before it.
    settle(&table);
    assert_eq!(Arc::strong_count(&table), 1);
}

//! A few threads at once; the models in `models/` go through all orders of fewer steps.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

use super::{Counted, Counts, Ordering, STEPS, alive, pinned, read, remove, settle};

#[test]
fn readers_find_what_is_there_while_everything_around_it_changes() {
    const STAYS: u32 = 3;
    let count = Arc::default();
    let table = Counts::new(());
    table.lock().insert(STAYS, (STAYS, Counted::new(0, &count)));
    let done = AtomicBool::new(false);
    let start = Barrier::new(3);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                start.wait();
                let mut last = 0;
                while !done.load(Ordering::Acquire) {
                    let now = read(&table, STAYS, STAYS).unwrap();
                    assert!(now >= last, "{now} after {last}");
                    last = now;
                    // Of the same line.
                    if let Some(value) = read(&table, STAYS + 64, 1) {
                        assert_eq!(value, 1);
                    }
                }
            });
        }
        start.wait();
        for step in 1..=STEPS {
            let mut writer = table.lock();
            let id = writer.find(STAYS, |item| item.0 == STAYS).unwrap();
            writer.replace(id, (STAYS, Counted::new(step, &count)), None);
            writer.insert(STAYS + 64, (1, Counted::new(1, &count)));
            writer.insert(STAYS + 128, (2, Counted::new(2, &count)));
            drop(writer);
            if step % 16 == 0 {
                table.lock().shrink();
                table.collect();
            }
            assert!(remove(&table, STAYS + 64, |item| item.0 == 1));
            assert!(step % 3 == 0 || remove(&table, STAYS + 128, |item| item.0 == 2));
        }
        done.store(true, Ordering::Release);
    });
    table.lock().validate();
    settle(&table);
    assert_eq!(alive(&count), table.len());
}

#[test]
fn what_a_snapshot_has_waits_for_it() {
    let count = Arc::default();
    let table = Counts::new(());
    table.lock().insert(1, (1, Counted::new(10, &count)));
    let (took_it, was_taken) = mpsc::channel();
    let (removed_it, was_removed) = mpsc::channel();
    thread::scope(|scope| {
        let (table, count) = (&table, &count);
        scope.spawn(move || {
            let snapshot = table.lock().snapshot(0);
            took_it.send(()).unwrap();
            was_removed.recv().unwrap();
            let all: Vec<_> = snapshot.iter().map(|item| item.1.value).collect();
            assert_eq!((all, alive(count)), (vec![10], 1));
        });
        was_taken.recv().unwrap();
        table.lock().clear(None, |_| ());
        table.collect();
        removed_it.send(()).unwrap();
    });
    settle(&table);
    assert_eq!(alive(&count), 0);
}

#[test]
fn a_thread_that_ends_looks_once_more() {
    struct Late(Option<Arc<Counts>>);
    impl Drop for Late {
        fn drop(&mut self) {
            let table = self.0.take().unwrap();
            assert_eq!(read(&table, 1, 1), Some(10));
            // Also within another look, when the thread has no record any more.
            pinned(|_| assert_eq!(read(&table, 1, 1), Some(10)));
        }
    }
    thread_local!(static LATE: std::cell::RefCell<Late> = const {
        std::cell::RefCell::new(Late(None))
    });
    let count = Arc::default();
    let table = Arc::new(Counts::new(()));
    table.lock().insert(1, (1, Counted::new(10, &count)));
    for early in [false, true] {
        let shared = Arc::clone(&table);
        let thread = thread::spawn(move || {
            // Destructors of thread locals run in the order of first use, or the other way round.
            if early {
                assert_eq!(read(&shared, 1, 1), Some(10));
            }
            LATE.with_borrow_mut(|late| late.0 = Some(Arc::clone(&shared)));
            if !early {
                assert_eq!(read(&shared, 1, 1), Some(10));
            }
        });
        thread.join().unwrap();
    }
    assert!(remove(&table, 1, |_| true));
    settle(&table);
    assert_eq!(alive(&count), 0, "they have left");
}

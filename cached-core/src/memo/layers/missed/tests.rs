use std::time::Duration;

use super::*;
use crate::{ErrorKind, ManualClock, MemoryStore, Timeout};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));

/// A store, what is owed to it, and the time.
struct Rig {
    time: ManualClock,
    store: MemoryStore,
    owed: Arc<Owed>,
}

impl Rig {
    fn new(keys: &[&str]) -> Self {
        let (time, store) = (ManualClock::new(), MemoryStore::new());
        for key in keys {
            block_on(store.set(key, b"old", MINUTE)).unwrap();
        }
        Self { time, store, owed: Arc::default() }
    }

    fn may_read(&self, function: &str, key: &str) -> bool {
        let store: Arc<dyn Store> = Arc::new(self.store.clone());
        let clock = self.time.clock();
        block_on(self.owed.may_read(&store, &clock, function, &[key.to_owned()]))
    }

    /// Lets what may still arrive arrive, and the debts be paid, by a thread if need be.
    fn settle(&self) {
        for _ in 0..1000 {
            self.time.advance(self.store.op_timeout());
            self.may_read("none", "none");
            if !self.owed.any() {
                return;
            }
            std::thread::yield_now();
            std::thread::sleep(Duration::from_millis(1));
        }
        panic!("it is still owed");
    }

    fn left(&self) -> Vec<String> {
        let mut left = block_on(self.store.scan(&Scope::all())).unwrap();
        left.sort();
        left
    }
}

fn keys(of: &[&str]) -> Vec<String> {
    of.iter().map(|&key| key.to_owned()).collect()
}

#[test]
fn what_failed_or_was_cancelled_is_removed_and_nothing_else() {
    let rig = Rig::new(&["f:1", "f:2", "f:3", "g:1", "h:1"]);
    let (owed, one) = (&rig.owed, keys(&["f:1"]));
    owed.change("f", &one).done();
    assert!(!owed.any());
    drop(owed.change("f", &one));
    assert!(owed.any());
    let failed = |kind| -> Result<(), Error> { Err(Error::new(kind, "on purpose")) };
    owed.change("f", &keys(&["f:2"])).ended(&failed(ErrorKind::Timeout));
    owed.change("f", &keys(&["f:3"])).ended(&failed(ErrorKind::Encode));
    owed.filled("h", &keys(&["h:1"]), &failed(ErrorKind::Unavailable));
    owed.filled("f", &one, &failed(ErrorKind::Timeout));
    drop(owed.change_all("g"));
    rig.settle();
    assert_eq!(rig.left(), ["f:3", "h:1"]);
}

#[test]
fn only_what_is_concerned_is_not_read() {
    let rig = Rig::new(&["f:1", "f:2", "g:1", "h:1"]);
    drop(rig.owed.change("f", &keys(&["f:1"])));
    drop(rig.owed.change_all("g"));
    let read = [("f", "f:1"), ("f", "f:2"), ("g", "g:1"), ("h", "h:1")];
    assert_eq!(read.map(|(f, key)| rig.may_read(f, key)), [false, true, false, true]);
    assert!(rig.owed.concerns("g", "g:1") && !rig.owed.concerns("h", "h:1"));
    rig.settle();
    assert_eq!(read.map(|(f, key)| rig.may_read(f, key)), [true; 4]);
}

/// What was not answered may still arrive; it is removed after that, whatever was written since.
#[test]
fn a_debt_is_paid_when_nothing_can_arrive_any_more() {
    let rig = Rig::new(&[]);
    let one = keys(&["f:1"]);
    drop(rig.owed.change("f", &one));
    assert!(!rig.may_read("f", "f:1"), "it begins to wait");
    rig.time.advance(rig.store.op_timeout() - Duration::from_millis(1));
    assert!(!rig.may_read("f", "f:1"));
    block_on(rig.store.set("f:1", b"late", MINUTE)).unwrap();
    rig.owed.change("f", &one).done();
    rig.time.advance(Duration::from_millis(1));
    assert!(rig.may_read("f", "f:1"));
    assert!(rig.left().is_empty() && !rig.owed.any());
}

#[test]
fn debts_that_keep_coming_do_not_keep_the_old_ones_from_being_paid() {
    let rig = Rig::new(&["f:1"]);
    drop(rig.owed.change("f", &keys(&["f:1"])));
    for n in 0..4 {
        drop(rig.owed.change("g", &[format!("g:{n}")]));
        rig.time.advance(rig.store.op_timeout() / 2);
        rig.may_read("h", "h:1");
    }
    assert!(rig.may_read("f", "f:1") && rig.left().is_empty());
}

#[test]
fn many_keys_become_a_function_and_many_functions_everything() {
    let rig = Rig::new(&["f:kept in no list", "g:1", "g:2", "x:1"]);
    drop(rig.owed.change("g", &keys(&["g:1"])));
    for n in 0..=MOST_KEYS {
        drop(rig.owed.change("f", &[format!("f:{n}")]));
    }
    assert_eq!(rig.owed.lock().new.whole.len(), 1);
    rig.settle();
    assert_eq!(rig.left(), ["g:2", "x:1"]);
    for n in 0..=MOST_SCOPES {
        drop(rig.owed.change_all(&format!("f{n}")));
    }
    assert!(rig.owed.lock().new.everything);
    drop(rig.owed.change("f", &keys(&["f:1"])));
    drop(rig.owed.change_all("f"));
    assert!(rig.owed.lock().new.keys.is_empty() && rig.owed.lock().new.whole.is_empty());
    rig.settle();
    assert!(rig.left().is_empty());
}

#[test]
fn a_debt_that_cannot_be_paid_stays_and_is_tried_again_after_a_rest() {
    let rig = Rig::new(&["f:1"]);
    drop(rig.owed.change("f", &keys(&["f:1"])));
    let closed = MemoryStore::new();
    block_on(closed.close()).unwrap();
    let closed: Arc<dyn Store> = Arc::new(closed);
    let clock = rig.time.clock();
    let tried = || block_on(rig.owed.may_read(&closed, &clock, "f", &keys(&["f:1"])));
    assert!(!tried());
    rig.time.advance(closed.op_timeout());
    assert!(!tried() && rig.owed.any());
    assert!(!rig.may_read("f", "f:1"), "it rests");
    rig.time.advance(REST);
    assert!(rig.may_read("f", "f:1") && rig.left().is_empty());
}

use std::time::Duration;

use super::*;
use crate::{MemoryStore, Timeout, block_on};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));

fn keys(of: &[&str]) -> Vec<String> {
    of.iter().map(|&key| key.to_owned()).collect()
}

fn store_with(keys: &[&str]) -> MemoryStore {
    let store = MemoryStore::new();
    for key in keys {
        block_on(store.set(key, b"old", MINUTE)).unwrap();
    }
    store
}

fn left(store: &MemoryStore) -> Vec<String> {
    let mut left = block_on(store.scan(&Scope::all())).unwrap();
    left.sort();
    left
}

#[test]
fn what_failed_or_was_cancelled_is_removed_and_nothing_else() {
    let (owed, store) = (Owed::default(), store_with(&["f:1", "f:2", "f:3", "g:1", "h:1"]));
    let one = keys(&["f:1"]);
    owed.change("f", &one).done();
    assert!(!owed.any());
    drop(owed.change("f", &one));
    assert!(owed.any());
    let away: Result<(), _> = Err(Error::new(ErrorKind::Timeout, "away"));
    owed.change("f", &keys(&["f:2"])).ended(&away);
    let refused: Result<(), _> = Err(Error::new(ErrorKind::Encode, "no form in bytes"));
    owed.change("f", &keys(&["f:3"])).ended(&refused);
    drop(owed.change_all("g"));
    block_on(owed.pay(&store)).unwrap();
    assert!(!owed.any());
    assert_eq!(left(&store), ["f:3", "h:1"]);
}

#[test]
fn what_was_changed_since_is_not_owed_any_more() {
    let (owed, store) = (Owed::default(), store_with(&["f:1", "g:1"]));
    drop(owed.change("f", &keys(&["f:1"])));
    drop(owed.change_all("g"));
    owed.change("f", &keys(&["f:1"])).done();
    assert!(owed.any());
    owed.change_all("g").done();
    assert!(!owed.any());
    block_on(owed.pay(&store)).unwrap();
    assert_eq!(left(&store), ["f:1", "g:1"]);
}

#[test]
fn many_keys_become_a_function_and_many_functions_everything() {
    let owed = Owed::default();
    let store = store_with(&["f:kept in no list", "g:1", "g:2", "x:1"]);
    drop(owed.change("g", &keys(&["g:1"])));
    for n in 0..=MOST_KEYS {
        drop(owed.change("f", &[format!("f:{n}")]));
    }
    assert_eq!(owed.lock().whole.len(), 1);
    block_on(owed.pay(&store)).unwrap();
    assert_eq!(left(&store), ["g:2", "x:1"]);
    for n in 0..=MOST_SCOPES {
        drop(owed.change_all(&format!("f{n}")));
    }
    assert!(owed.lock().everything);
    drop(owed.change("f", &keys(&["f:1"])));
    drop(owed.change_all("f"));
    assert!(owed.lock().keys.is_empty() && owed.lock().whole.is_empty());
    block_on(owed.pay(&store)).unwrap();
    assert!(left(&store).is_empty() && !owed.any());
}

#[test]
fn a_debt_that_cannot_be_paid_stays() {
    let (owed, store) = (Owed::default(), store_with(&["f:1"]));
    drop(owed.change("f", &keys(&["f:1"])));
    block_on(store.close()).unwrap();
    for _ in 0..2 {
        assert!(block_on(owed.pay(&store)).is_err());
        assert!(owed.any());
    }
    let store = store_with(&["f:1"]);
    block_on(owed.pay(&store)).unwrap();
    assert!(left(&store).is_empty());
}

#[test]
fn nobody_reads_while_another_call_pays() {
    let (owed, store) = (Owed::default(), store_with(&["f:1"]));
    drop(owed.change("f", &keys(&["f:1"])));
    let payment = Payment { owed: &owed, debts: std::mem::take(&mut *owed.lock()) };
    owed.paying.store(true, Ordering::Release);
    owed.change("g", &keys(&["g:1"])).done();
    assert!(owed.any(), "it is not paid yet");
    assert_eq!(block_on(owed.pay(&store)).unwrap_err().kind(), ErrorKind::Unavailable);
    drop(payment);
    assert!(owed.any(), "a payment that was cancelled leaves the debt");
    block_on(owed.pay(&store)).unwrap();
    assert!(left(&store).is_empty());
}

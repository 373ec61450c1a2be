//! One call for many elements, each of which is an entry of its own.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use cached_kit::prelude::*;
use cached_kit::{
    CacheKey, CallOutcome, KeyContext, Mode, block_on, cached, force_update, observe,
};
use serde::{Deserialize, Serialize};

use crate::fixture::{Time, set_up};

/// What bodies were asked for.
#[derive(Debug, Default)]
struct Db(Mutex<Vec<Vec<u64>>>);

impl Db {
    fn note(&self, ids: &[u64]) {
        self.0.lock().unwrap().push(ids.to_vec());
    }

    fn asked(&self) -> Vec<Vec<u64>> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct User {
    id: u64,
}

/// There are users of odd numbers.
fn odd(ids: &[u64]) -> HashMap<u64, User> {
    ids.iter().filter(|id| *id % 2 == 1).map(|id| (*id, User { id: *id })).collect()
}

#[cached(each = id in ids, exclude = [db], using = ["memory", "far"], timeout = 60)]
async fn get_users(db: &Db, ids: &[u64]) -> Result<HashMap<u64, User>, String> {
    db.note(ids);
    std::future::ready(()).await;
    if ids.contains(&13) {
        return Err("thirteen".into());
    }
    Ok(odd(ids))
}

#[test]
fn the_body_is_called_with_what_is_missing() {
    set_up();
    let _time = Time::own();
    let db = Db::default();
    assert_eq!(block_on(get_users(&db, &[1, 2, 3, 1])), Ok(odd(&[1, 3])));
    assert_eq!(block_on(get_users(&db, &[3, 5, 2])), Ok(odd(&[3, 5])));
    assert_eq!(db.asked(), [vec![1, 2, 3], vec![5, 2]], "absent ones are asked for again");
    assert_eq!(block_on(get_users::entry(5).peek()), Some(User { id: 5 }));
    assert_eq!(block_on(get_users(&db, &[])), Ok(HashMap::new()));
    assert_eq!(block_on(get_users(&db, &[7, 13])), Err("thirteen".into()));
    assert_eq!(block_on(get_users::entry(7).peek()), None, "an error stores nothing");
    block_on(get_users::entry(5).invalidate()).unwrap();
    assert_eq!(block_on(get_users(&db, &[1, 5])), Ok(odd(&[1, 5])));
    assert_eq!(db.asked(), [vec![7, 13], vec![5]]);
    block_on(get_users::clear()).unwrap();
    assert_eq!(block_on(get_users(&db, &[1])), Ok(odd(&[1])));
    assert_eq!(db.asked(), [[1]]);
}

#[test]
fn a_batch_can_be_forced_and_bypassed() {
    set_up();
    let _time = Time::own();
    let db = Db::default();
    let ids = [21, 23];
    assert_eq!(block_on(get_users(&db, &ids)), Ok(odd(&ids)));
    assert_eq!(block_on(get_users::force_update(&db, &ids)), Ok(odd(&ids)));
    assert_eq!(block_on(get_users(&db, &ids).force_update()), Ok(odd(&ids)));
    assert_eq!(block_on(Mode::ForceUpdate.scope(get_users(&db, &ids))), Ok(odd(&ids)));
    assert_eq!(db.asked().len(), 4);
    block_on(Mode::Bypass.scope(get_users(&db, &ids))).unwrap();
    block_on(Mode::WriteOnly.scope(get_users(&db, &ids))).unwrap();
    assert_eq!(db.asked(), [ids, ids]);
    block_on(Mode::ReadOnly.scope(get_users(&db, &[21, 25]))).unwrap();
    block_on(get_users(&db, &[25])).unwrap();
    assert_eq!(db.asked(), [[25], [25]], "nothing was written the first time");
    block_on(get_users(&db, &[21, 23, 25])).unwrap();
    assert_eq!(db.asked(), [[0; 0]; 0]);
}

#[cached(each = id in ids, none_timeout = 10, timeout = 60, exclude = [db])]
#[allow(clippy::ptr_arg, reason = "it is one of the forms that a list has")]
fn remembered(db: &Db, ids: &Vec<u64>) -> BTreeMap<u64, User> {
    db.note(ids);
    odd(ids).into_iter().collect()
}

#[test]
fn absence_is_remembered_if_there_is_a_time_for_it() {
    set_up();
    let time = Time::own();
    let db = Db::default();
    for _ in 0..2 {
        assert_eq!(remembered(&db, &vec![1, 2]), odd(&[1]).into_iter().collect());
    }
    assert_eq!(db.asked(), [[1, 2]]);
    assert_eq!(remembered::entry(2).peek(), Some(None));
    time.advance(std::time::Duration::from_secs(11));
    assert_eq!(remembered(&db, &vec![1, 2]).len(), 1);
    assert_eq!(db.asked(), [[2]]);
}

#[cached(name = "batches.user", using = ["memory", "far"], timeout = 60, exclude = [db])]
async fn get_one(db: &Db, tenant: u32, id: u64) -> Result<User, String> {
    db.note(&[id]);
    Ok(User { id: id + u64::from(tenant) })
}

#[cached(name = "batches.user", using = ["memory", "far"], timeout = 60, exclude = [db], each = id in ids)]
async fn get_many(db: &Db, tenant: u32, ids: Vec<u64>) -> Result<Vec<User>, String> {
    db.note(&ids);
    Ok(ids.into_iter().map(|id| User { id: id + u64::from(tenant) }).collect())
}

#[test]
fn a_function_of_one_element_shares_its_entries() {
    set_up();
    let _time = Time::own();
    let db = Db::default();
    assert_eq!(block_on(get_one(&db, 100, 5)), Ok(User { id: 105 }));
    let many = block_on(get_many(&db, 100, vec![6, 5, 6])).unwrap();
    assert_eq!(many.iter().map(|user| user.id).collect::<Vec<_>>(), [106, 105, 106]);
    assert_eq!(block_on(get_one(&db, 100, 6)), Ok(User { id: 106 }));
    assert_eq!(block_on(get_one(&db, 200, 6)), Ok(User { id: 206 }));
    assert_eq!(db.asked(), [[5], [6], [6]]);
    assert_eq!(get_one::entry(100, 5).key(), get_many::entry(100, 5).key());
    block_on(get_one::entry(100, 5).invalidate()).unwrap();
    block_on(get_many(&db, 100, vec![5])).unwrap();
    assert_eq!(db.asked(), [[5]]);
    block_on(get_many::clear()).unwrap();
    block_on(get_one(&db, 100, 5)).unwrap();
    assert_eq!(db.asked(), [[5]]);
}

/// A key with parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, CacheKey)]
struct Place {
    row: u64,
    column: u64,
}

struct Board {
    id: u64,
    db: Db,
}

impl Board {
    #[cached(each = place in places, include = [self.id, place.row, place.column, kind], context = "tenant")]
    async fn fields(&self, places: &[Place], kind: &str, scale: String) -> Vec<String> {
        self.db.note(&places.iter().map(|place| place.row).collect::<Vec<_>>());
        std::future::ready(()).await;
        places.iter().map(|place| format!("{kind}{}{scale}", place.row + place.column)).collect()
    }

    #[cached(each = name in names, include = [self.id, name])]
    fn lengths(&self, names: &[&str]) -> HashMap<String, usize> {
        self.db.note(&[names.len() as u64]);
        names.iter().map(|name| ((*name).to_owned(), name.len())).collect()
    }
}

#[test]
fn a_method_with_elements_of_all_kinds() {
    set_up();
    let board = Board { id: 1, db: Db::default() };
    let place = |row| Place { row, column: 1 };
    let fields = |places: &[Place]| {
        let call = board.fields(places, "k", "!".into());
        block_on(KeyContext::scope([("tenant", 1)], call))
    };
    assert_eq!(fields(&[place(1), place(2)]), ["k2!", "k3!"]);
    assert_eq!(fields(&[place(2), place(3), place(2)]), ["k3!", "k4!", "k3!"]);
    assert_eq!(board.db.asked(), [vec![1, 2], vec![3]]);
    let entry = || board.fields_entry(place(3), "k");
    let entry = KeyContext::sync_scope([("tenant", 1)], entry);
    assert_eq!(block_on(entry.peek()), Some("k4!".to_owned()));
    let alone = block_on(board.fields(&[place(1)], "k", String::new()));
    assert_eq!(alone, ["k2"], "without the context nothing is cached");
    board.db.asked();

    let text = String::from("ab");
    assert_eq!(board.lengths(&["a", &text])["ab"], 2);
    assert_eq!(board.lengths(&[&text])["ab"], 2);
    assert_eq!(force_update(|| board.lengths(&["a"]))["a"], 1);
    assert_eq!(board.db.asked(), [[2], [1]]);
    assert_eq!(board.lengths_entry(&text).peek(), Some(2));
    Board::lengths_cache().clear_blocking().unwrap();
    assert_eq!(board.lengths_entry(&text).peek(), None);
}

#[cached(each = id in ids, include = [id % 10, kind.len()])]
fn computed_keys(ids: Vec<u64>, kind: &str) -> Vec<u64> {
    ids.iter().map(|id| id % 10 + kind.len() as u64).collect()
}

#[test]
fn an_element_may_be_in_the_key_by_an_expression() {
    set_up();
    assert_eq!(computed_keys(vec![11, 2], "a"), [2, 3]);
    assert_eq!(computed_keys(vec![1, 12], "b"), [2, 3]);
    assert_eq!(computed_keys::stats().computed, 1);
    assert_eq!(computed_keys::entry(31, "c").peek(), Some(2));
}

/// bug 36: one batch for two types.
#[cached(each = id in ids)]
fn typed<T: From<u8> + Clone + Send + Sync + 'static>(ids: &[u8]) -> Vec<T> {
    ids.iter().map(|id| T::from(*id)).collect()
}

#[test]
fn bug_36_instantiations_of_a_batch_share_nothing() {
    set_up();
    assert_eq!(typed::<u16>(&[1, 2]), [1, 2]);
    assert_eq!(typed::<u64>(&[1, 2]), [1, 2]);
    assert_eq!(typed::stats().computed, 2);
}

#[cached]
async fn inside_a_batch(id: u64) -> u64 {
    id
}

#[cached(each = id in ids, using = ["memory", "far"])]
async fn watched(ids: &[u64]) -> Vec<u64> {
    let mut all = Vec::new();
    for id in ids {
        all.push(inside_a_batch(*id).await);
    }
    all
}

#[test]
fn each_element_is_observed() {
    set_up();
    block_on(watched(&[1, 2]));
    watched::cache().forget_memory();
    block_on(watched(&[2]));
    let (_, calls) = block_on(observe(watched(&[1, 2, 3, 3])));
    let far = CallOutcome::Hit { store: "far" };
    let memory = CallOutcome::Hit { store: "memory" };
    let seen: Vec<_> = calls.iter().map(|call| (call.depth(), call.outcome())).collect();
    let (computed, coalesced) = (CallOutcome::Computed, CallOutcome::Coalesced);
    assert_eq!(seen, [(0, far), (0, memory), (0, computed), (0, coalesced), (1, computed)]);
    assert!(calls[2].key().is_some_and(|key| key.ends_with("id=3")), "{:?}", calls[2]);
    block_on(calls[2].entry().invalidate()).unwrap();
    let (_, calls) = block_on(observe(Mode::ForceUpdate.scope(watched(&[3]))));
    assert_eq!(calls[0].outcome(), CallOutcome::Forced);
    let (_, calls) = block_on(observe(Mode::Bypass.scope(watched(&[3]))));
    assert_eq!(calls[0].outcome(), CallOutcome::Bypassed);
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn futures_are_send() {
    set_up();
    let _time = Time::own();
    let db = Db::default();
    let board = Board { id: 2, db: Db::default() };
    assert!(block_on(assert_send(get_users(&db, &[91]))).is_ok());
    assert!(block_on(assert_send(get_many(&db, 1, vec![91]))).is_ok());
    let call = assert_send(board.fields(&[], "", String::new()));
    assert_eq!(block_on(call), [""; 0]);
}

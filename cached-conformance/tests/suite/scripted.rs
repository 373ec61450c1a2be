//! The store that fails on a script.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use cached_conformance::{Operation, ScriptedStore};
use cached_core::{
    Codec, Compression, Error, ErrorKind, MemoryStore, Scope, Store, StoreFuture, Timeout, block_on,
};
use cached_testing::hard_timeout;

const HOUR: Timeout = Timeout::After(Duration::from_secs(3600));

fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Calls each operation once and returns its name and its outcome.
fn each(store: &ScriptedStore) -> Vec<(Operation, Result<(), Error>)> {
    fn done<T>(future: StoreFuture<'_, T>) -> Result<(), Error> {
        block_on(future).map(drop)
    }
    let (keys, entries) = (["k".to_owned()], [("k".to_owned(), b"1".to_vec())]);
    vec![
        (Operation::Get, done(store.get("k"))),
        (Operation::Set, done(store.set("k", b"1", HOUR))),
        (Operation::Delete, done(store.delete(&keys))),
        (Operation::Ttl, done(store.ttl("k"))),
        (Operation::Touch, done(store.touch("k", HOUR))),
        (Operation::Incr, done(store.incr("k", 1, HOUR))),
        (Operation::GetMany, done(store.get_many(&keys))),
        (Operation::SetMany, done(store.set_many(&entries, HOUR))),
        (Operation::Scan, done(store.scan(&Scope::all()))),
        (Operation::Clear, done(store.clear(&Scope::all()))),
        (Operation::Close, done(store.close())),
    ]
}

#[test]
fn each_operation_fails_at_each_of_its_points_and_recovers() {
    for &failing in Operation::ALL {
        let store = ScriptedStore::new();
        for point in [store.before(failing), store.after(failing)] {
            point.fail();
            for (operation, outcome) in each(&store).into_iter().filter(|it| it.0 == failing) {
                let error = outcome.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Unavailable, "{point:?}");
                assert_eq!(error.to_string(), format!("the script fails `{operation}`"));
            }
            point.recover();
        }
        let counts = [store.before(failing).count(), store.after(failing).count()];
        assert_eq!(counts, [2, 1], "one ended before it took effect");
    }
    let store = ScriptedStore::new();
    store.fail();
    assert!(each(&store).iter().all(|(_, outcome)| outcome.is_err()));
    store.recover();
    assert!(each(&store).iter().all(|(_, outcome)| outcome.is_ok()));
    assert_eq!(each(&store).len(), Operation::ALL.len());
}

#[test]
fn an_operation_fails_before_or_after_it_takes_effect() {
    let store = ScriptedStore::new();
    let below = || block_on(store.inner().get("k")).unwrap();
    store.before(Operation::Set).fail();
    assert!(block_on(store.set("k", b"1", HOUR)).is_err());
    assert_eq!(below(), None);
    store.before(Operation::Set).recover();
    store.after(Operation::Set).fail();
    assert!(block_on(store.set("k", b"1", HOUR)).is_err());
    assert_eq!(below(), Some(b"1".to_vec()));
    store.before(Operation::Close).fail();
    assert!(block_on(store.close()).is_err());
    assert_eq!(below(), Some(b"1".to_vec()), "it is not closed");
}

#[test]
fn failures_have_a_kind_and_a_number() {
    let store = ScriptedStore::new();
    let get = store.before(Operation::Get);
    let kind = || block_on(store.get("k")).map_err(|error| error.kind());
    get.fail_as(ErrorKind::Timeout);
    assert_eq!([kind(), kind()], [Err(ErrorKind::Timeout), Err(ErrorKind::Timeout)]);
    get.fail_next(2);
    let lost = Err(ErrorKind::Unavailable);
    assert_eq!([kind(), kind(), kind()], [lost.clone(), lost, Ok(None)]);
    assert_eq!(get.count(), 5);
}

#[test]
fn rules_are_about_keys_that_contain_a_text() {
    let store = ScriptedStore::new();
    let of = store.before(Operation::Get).of("user");
    of.fail();
    assert!(block_on(store.get("user:id=1")).is_err());
    assert!(block_on(store.get("group:id=1")).is_ok());
    assert_eq!((of.count(), store.before(Operation::Get).count()), (1, 2));
    store.before(Operation::Get).recover();
    assert!(block_on(store.get("user:id=1")).is_err(), "another rule");
    let many = store.after(Operation::Delete).of("b");
    many.fail();
    let delete = |keys: [&str; 2]| block_on(store.delete(&keys.map(str::to_owned)));
    assert!(delete(["a", "b"]).is_err() && delete(["a", "c"]).is_ok());
    store.before(Operation::Clear).of("user:").fail();
    assert!(block_on(store.clear(&Scope::function("user"))).is_err());
    assert!(block_on(store.clear(&Scope::function("group"))).is_ok());
}

#[test]
fn a_paused_operation_goes_on_when_it_is_resumed() {
    hard_timeout(Duration::from_secs(60), "pause", || {
        let store = ScriptedStore::new();
        let point = store.before(Operation::Set);
        point.pause();
        let mut set = pin!(store.set("k", b"1", HOUR));
        let mut reached = pin!(point.reached(1));
        assert!(poll_once(reached.as_mut()).is_pending());
        assert!(poll_once(set.as_mut()).is_pending());
        assert!(poll_once(reached.as_mut()).is_ready());
        assert!(poll_once(set.as_mut()).is_pending());
        assert_eq!(block_on(store.inner().get("k")).unwrap(), None);
        std::thread::scope(|scope| {
            let blocked = scope.spawn(|| block_on(store.set("other", b"1", HOUR)));
            block_on(point.reached(2));
            point.resume();
            blocked.join().unwrap().unwrap();
        });
        assert!(poll_once(set.as_mut()).is_ready());
        assert_eq!(block_on(store.inner().get("k")).unwrap(), Some(b"1".to_vec()));
    });
}

#[test]
fn its_settings_are_those_of_the_store_below() {
    let inner = MemoryStore::builder().codec(Codec::Json).version(3).default_timeout(HOUR);
    let inner = inner.compress(Compression::none().min_size(5)).build().unwrap();
    let store = ScriptedStore::over(inner.clone());
    assert_eq!((store.codec(), store.default_version()), (Codec::Json, Some(3)));
    assert_eq!((store.default_timeout(), store.op_timeout()), (HOUR, Duration::from_millis(250)));
    assert_eq!(format!("{:?}", store.compression()), format!("{:?}", inner.compression()));
    assert!(format!("{:?}", store.compression()).contains("min_size: 5"));
}

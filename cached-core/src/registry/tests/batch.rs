//! What expansions of batch functions say, for every shape of return type.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use super::in_memory;
use crate::block_on;
use crate::private::{
    AbsentForgotten, AbsentRemembered, Batch, EachReturn, Lifetime, Plain, PlanFor, Probe,
    ShapeFallible as _, ShapePlain as _, ShapeProbe, in_memory as plan_in_memory, is_none,
};
use crate::registry::{Instance, Site};

fn plan<V: Clone + Send + Sync + 'static>() -> impl PlanFor<V> {
    plan_in_memory::<V, _>(Plain).ruled_by(|rules| rules.layer(Lifetime::store_default()))
}

fn plan_with_none<U: Clone + Send + Sync + 'static>() -> impl PlanFor<Option<U>, Value = Option<U>>
{
    plan_in_memory::<Option<U>, _>(Plain).ruled_by(|rules| {
        rules.layer(Lifetime::store_default().none(Lifetime::never())).is_none(is_none)
    })
}

/// The elements that a body was asked for, all calls together.
#[derive(Default)]
struct Asked(Mutex<Vec<u64>>);

impl Asked {
    fn note(&self, missing: &[u64]) {
        self.0.lock().unwrap().extend(missing);
    }

    fn take(&self) -> Vec<u64> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Starts a batch of integers that returns `R`, as an expansion does.
macro_rules! batch {
    ($site:expr, $returned:ty, $elements:expr) => {
        $site.function().with(Instance::only(), plan::<<$returned as EachReturn>::Value>()).batch(
            ShapeProbe::<$returned>::new().shape(),
            AbsentForgotten,
            $elements,
            false,
            |each| (Probe(each).memory_part(), ()),
        )
    };
}

#[test]
fn every_shape_of_return_type_gets_its_own_entries_back() {
    static SITE: Site = in_memory("every shape");
    let asked = Asked::default();
    type Sorted = BTreeMap<u64, String>;
    type Hashed = Result<HashMap<u64, String, foldhash::fast::RandomState>, String>;
    type List = std::io::Result<Vec<String>>;
    let text = |missing: &[u64]| -> Vec<(u64, String)> {
        asked.note(missing);
        missing.iter().map(|key| (*key, key.to_string())).collect()
    };
    let sorted: Sorted = block_on(
        batch!(&SITE, Sorted, &[2, 1])
            .run(|missing| async move { text(&missing).into_iter().collect() }),
    );
    assert_eq!(sorted, BTreeMap::from([(1, "1".into()), (2, "2".into())]));
    let hashed: Hashed = block_on(
        batch!(&SITE, Hashed, &[3, 2])
            .run(|missing| async move { Ok(text(&missing).into_iter().collect()) }),
    );
    assert_eq!(hashed.unwrap()[&2], "2");
    let list: List = batch!(&SITE, List, &[1, 4, 3])
        .run_blocking(|missing| Ok(text(&missing).into_iter().map(|each| each.1).collect()));
    assert_eq!(list.unwrap(), ["1", "4", "3"]);
    assert_eq!(asked.take(), [2, 1, 3, 4], "they have one memo");
    let failing: List = batch!(&SITE, List, &[1_u64, 5])
        .run_blocking(|_| Err(std::io::Error::other("no database")));
    assert_eq!(failing.unwrap_err().to_string(), "no database");
    let hits: List = batch!(&SITE, List, &[4_u64, 4]).run_blocking(|_| Ok(vec![]));
    assert_eq!(hits.unwrap(), ["4", "4"]);
    assert_eq!(SITE.working(), 0);
}

/// Starts a batch whose elements fail one by one.
macro_rules! results {
    ($site:expr, $force:expr, $elements:expr) => {
        $site.function().with(Instance::only(), one_by_one()).batch(
            ShapeProbe::<OneByOne>::new().shape(),
            AbsentForgotten,
            $elements,
            $force,
            |each| (Probe(each).memory_part(), ()),
        )
    };
}

type OneByOne = Vec<Result<u64, String>>;

fn one_by_one() -> impl PlanFor<Result<u64, String>> {
    let shape = ShapeProbe::<<OneByOne as EachReturn>::Value>::new().shape();
    plan_in_memory::<<OneByOne as EachReturn>::Value, _>(shape)
        .ruled_by(|rules| rules.layer(Lifetime::store_default()))
}

/// An element's own `Err` is returned for it, and neither stored nor anybody else's.
#[test]
fn an_element_that_fails_is_not_stored_and_does_not_fail_the_others() {
    static SITE: Site = in_memory("one by one");
    let asked = Asked::default();
    let even = |missing: Vec<u64>| -> OneByOne {
        asked.note(&missing);
        let even = |key: u64| {
            if key.is_multiple_of(2) { Ok(key * 10) } else { Err(format!("{key} is odd")) }
        };
        missing.into_iter().map(even).collect()
    };
    let odd = || Err("3 is odd".to_owned());
    for _ in 0..2 {
        let got = results!(&SITE, false, &[2, 3, 4, 3]).run_blocking(even);
        assert_eq!(got, [Ok(20), odd(), Ok(40), odd()]);
    }
    assert_eq!(asked.take(), [2, 3, 4, 3]);
    // As everywhere: a forced refresh that fails leaves the old value.
    results!(&SITE, true, &[2_u64, 4]).run_blocking(|_| vec![odd(), Ok(41)]);
    assert_eq!(results!(&SITE, false, &[2, 4]).run_blocking(even), [Ok(20), Ok(41)]);
    // A call of one element that waits gets the error of that element.
    let gate = std::cell::Cell::new(false);
    let batch = results!(&SITE, false, &[3, 6]).run(|missing| {
        let (even, gate) = (&even, &gate);
        async move {
            std::future::poll_fn(|_| if gate.get() { Poll::Ready(()) } else { Poll::Pending })
                .await;
            even(missing)
        }
    });
    let mut cx = Context::from_waker(Waker::noop());
    let mut batch = pin!(batch);
    assert!(batch.as_mut().poll(&mut cx).is_pending());
    // A call takes part from when it is made.
    let key = (Probe(&3_u64).memory_part(), ());
    let one = SITE.function().with(Instance::only(), one_by_one());
    let mut call = pin!(one.call::<Result<u64, String>, _>(key).run(async { Ok(0) }));
    assert!(call.as_mut().poll(&mut cx).is_pending());
    gate.set(true);
    assert_eq!(batch.poll(&mut cx), Poll::Ready(vec![odd(), Ok(60)]));
    assert_eq!(call.poll(&mut cx), Poll::Ready(odd()));
    assert_eq!(SITE.working(), 0);
}

/// With `none_timeout` an absent element is an entry with `None`.
#[test]
fn an_absent_element_is_remembered_if_there_is_a_time_for_it() {
    static SITE: Site = in_memory("absent");
    type Users = HashMap<u64, String>;
    let asked = Asked::default();
    let odd = |elements: &[u64]| -> Users {
        let batch = SITE.function().with(Instance::only(), plan_with_none::<String>()).batch(
            ShapeProbe::<Users>::new().shape(),
            AbsentRemembered,
            elements,
            false,
            |each| (Probe(each).memory_part(), ()),
        );
        batch.run_blocking(|missing| {
            asked.note(&missing);
            missing.into_iter().filter(|key| key % 2 == 1).map(|key| (key, "odd".into())).collect()
        })
    };
    let expected = HashMap::from([(1, "odd".into()), (3, "odd".into())]);
    assert_eq!(odd(&[1, 2, 3]), expected);
    assert_eq!(odd(&[2, 3, 1, 4]), expected);
    assert_eq!(asked.take(), [1, 2, 3, 4]);
    let entry = |id: u64| {
        SITE.function()
            .with(Instance::only(), plan_with_none::<String>())
            .blocking_entry((Probe(&id).memory_part(), ()))
    };
    assert_eq!(entry(1).peek(), Some(Some("odd".into())));
    assert_eq!((entry(2).peek(), entry(9).peek()), (Some(None), None));
    entry(2).put(Some("even".into())).unwrap();
    assert_eq!(odd(&[2]), HashMap::from([(2, "even".into())]));
    // A list has one value for each, which may be `None` by itself.
    type List = Vec<Option<String>>;
    static LIST: Site = in_memory("absent in a list");
    for _ in 0..2 {
        let batch: Batch<List, _, _, _, _, _, _, _, _> =
            LIST.function().with(Instance::only(), plan_with_none::<String>()).batch(
                ShapeProbe::<List>::new().shape(),
                AbsentRemembered,
                &[1_u64, 2],
                false,
                |each| (Probe(each).memory_part(), ()),
            );
        let list = batch.run_blocking(|missing| {
            asked.note(&missing);
            vec![Some("one".into()), None]
        });
        assert_eq!(list, [Some("one".into()), None]);
    }
    assert_eq!(asked.take(), [1, 2]);
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

/// Elements may borrow, keys do not, and whoever awaits it may move between threads.
#[test]
fn elements_may_borrow_and_futures_stay_what_their_bodies_are() {
    static SITE: Site = in_memory("borrowed");
    type Lengths = HashMap<String, usize>;
    let owned = [String::from("one"), String::from("three")];
    let elements: Vec<&str> = owned.iter().map(String::as_str).collect();
    let lengths = |missing: Vec<&str>| -> Lengths {
        missing.into_iter().map(|name| (name.to_owned(), name.len())).collect()
    };
    let begin = |elements| -> Batch<Lengths, _, _, _, _, _, _, _, _> {
        SITE.function().with(Instance::only(), plan::<usize>()).batch(
            ShapeProbe::<Lengths>::new().shape(),
            AbsentForgotten,
            elements,
            false,
            |each: &&str| (Probe(*each).memory_part(), ()),
        )
    };
    let expected = Lengths::from([("one".into(), 3), ("three".into(), 5)]);
    let running = assert_send(begin(&elements).run(|missing| async move { lengths(missing) }));
    assert_eq!(block_on(running), expected);
    static FALLIBLE: Site = in_memory("fallible");
    type Fallible = Result<HashMap<u64, usize>, Rc<str>>;
    let batch: Batch<Fallible, _, _, _, _, _, _, _, _> = batch!(&FALLIBLE, Fallible, &[1]);
    let one = |key: u64| (key, 1);
    let running = batch.run(|missing| async move { Ok(missing.into_iter().map(one).collect()) });
    assert_eq!(block_on(assert_send(running)), Ok(HashMap::from([(1, 1)])), "its error is not");
    let here = Rc::new(());
    let stays = begin(&elements).run(|_| {
        let here = Rc::clone(&here);
        async move {
            std::future::ready(()).await;
            drop(here);
            Lengths::new()
        }
    });
    assert_eq!(block_on(stays), expected, "all hits");
}

/// The caller's future has room for the handle and not for the work.
#[test]
fn the_future_does_not_grow_with_the_body() {
    static SITE: Site = in_memory("small");
    type Lengths = HashMap<u64, usize>;
    let running = batch!(&SITE, Lengths, &[1, 2]).run(|missing| async move {
        let large = [0_u8; 4096];
        std::future::ready(()).await;
        missing.into_iter().map(|key| (key, large.len())).collect::<Lengths>()
    });
    let size = size_of_val(&running);
    assert!(size <= 512, "{size} bytes");
    assert_eq!(block_on(running)[&1], 4096);
}

/// Two keys that are one in the map: it cannot be known whose value it is.
#[test]
fn elements_of_one_name_and_two_keys_are_not_mixed_up() {
    static SITE: Site = in_memory("one name");
    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Row(u64, u64);
    impl From<Row> for u64 {
        fn from(row: Row) -> u64 {
            row.0
        }
    }
    type Sums = HashMap<u64, u64>;
    for _ in 0..2 {
        let rows = [Row(1, 1), Row(1, 2)];
        let batch: Batch<Sums, _, _, _, _, _, _, _, _> = SITE
            .function()
            .with(Instance::only(), plan::<u64>())
            .batch(ShapeProbe::<Sums>::new().shape(), AbsentForgotten, &rows, false, |each| {
                (Probe(&each.0).memory_part(), (Probe(&each.1).memory_part(), ()))
            });
        let sums = batch.run_blocking(|rows| rows.into_iter().map(|row| (row.0, row.1)).collect());
        assert_eq!(sums, Sums::from([(1, 2)]), "as the body has it");
    }
    assert_eq!(SITE.stats().computed, 2, "and nothing is stored");
}

/// A body that cannot be told apart from others by its type is one of many instantiations.
#[test]
fn a_sync_body_runs_on_the_calling_thread_and_knows_that_it_is_alone() {
    static SITE: Site = in_memory("sync");
    type Flags = HashMap<u64, bool>;
    let thread = std::thread::current().id();
    let flags = batch!(&SITE, Flags, &[1]).run_blocking(|missing| {
        assert_eq!(std::thread::current().id(), thread);
        missing.into_iter().map(|key| (key, crate::blocking_caller())).collect::<Flags>()
    });
    assert_eq!(flags, Flags::from([(1, false)]));
}

/// Never awaited, never begun.
#[test]
fn a_batch_that_is_not_polled_does_nothing() {
    static SITE: Site = in_memory("not polled");
    type Lengths = HashMap<u64, usize>;
    let running = batch!(&SITE, Lengths, &[1_u64]).run(|_| async { Lengths::new() });
    fn is_future<F: Future>(_: &F) {}
    is_future(&running);
    drop(running);
    assert_eq!(SITE.working(), 0);
}

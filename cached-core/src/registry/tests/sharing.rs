//! A batch and a function of one element that have one name.

use std::cell::Cell;
use std::collections::HashMap;

use super::{in_memory, spec};
use crate::clock::Clock;
use crate::key::{KeyText, Piece, TypeNames};
use crate::memo::{Call, Memo, MemoParts, OwnSwitches, Remote, Rules};
use crate::private::{
    AbsentForgotten, AbsentRemembered, Batch, Lifetime, Plain, PlanFor, Probe, ShapePlain as _,
    ShapeProbe, in_memory as plan_in_memory,
};
use crate::registry::builder::check_names;
use crate::registry::sharing::Named;
use crate::registry::{Instance, MemoryBound, MemorySpec, Site, SiteSpec};

type Map = HashMap<u64, u64>;

fn plan<V: Clone + Send + Sync + 'static>() -> impl PlanFor<V> {
    plan_in_memory::<V, _>(Plain).ruled_by(|rules| rules.layer(Lifetime::store_default()))
}

fn many(site: &'static Site, ids: &[u64]) -> (Map, Vec<u64>) {
    let batch: Batch<Map, _, _, _, _, _, _, _, _> = site
        .function()
        .with(Instance::only(), plan::<u64>())
        .batch(ShapeProbe::<Map>::new().shape(), AbsentForgotten, ids, false, |id| {
            (Probe(id).memory_part(), ())
        });
    let asked = Cell::new(Vec::new());
    let got = batch.run_blocking(|missing| {
        asked.set(missing.clone());
        missing.into_iter().map(|id| (id, id * 10)).collect()
    });
    (got, asked.into_inner())
}

fn one(site: &'static Site, id: u64, value: u64) -> u64 {
    let call: Call<u64, _, _> =
        site.function().with(Instance::only(), plan::<u64>()).call((Probe(&id).memory_part(), ()));
    call.run_blocking(|| value)
}

#[test]
fn a_batch_and_a_function_of_one_name_have_the_same_entries() {
    static ONE: Site = in_memory("users.get").named();
    static MANY: Site = in_memory("users.get").named().each();
    assert_eq!(one(&ONE, 1, 10), 10);
    assert_eq!(many(&MANY, &[1, 2]), (Map::from([(1, 10), (2, 20)]), vec![2]));
    assert_eq!(one(&ONE, 2, 0), 20, "the batch has stored it");
    let entry = |id: u64| {
        ONE.function()
            .with(Instance::only(), plan::<u64>())
            .blocking_entry((Probe(&id).memory_part(), ()))
    };
    entry(1).invalidate().unwrap();
    assert_eq!(many(&MANY, &[1, 2]).1, [1]);
    MANY.clear_blocking().unwrap();
    assert_eq!(one(&ONE, 2, 21), 21);
    ONE.clear_blocking().unwrap();
    assert_eq!(many(&MANY, &[1, 2]).1, [1, 2]);
    assert_eq!(ONE.stats(), MANY.stats(), "and one set of numbers");
}

/// `clear` reaches the entries of the other one even if the function itself was never called.
#[test]
fn bug_23_clearing_a_batch_that_was_never_called_clears_what_it_shares() {
    static ONE: Site = in_memory("users.never").named();
    static MANY: Site = in_memory("users.never").named().each();
    assert_eq!(one(&ONE, 1, 10), 10);
    MANY.clear_blocking().unwrap();
    assert_eq!(one(&ONE, 1, 11), 11);
}

/// bug 36: a name that nobody chose, another version, or a value of another type is no reason to
/// share.
#[test]
fn bug_36_what_only_looks_alike_is_not_shared() {
    static UNNAMED: Site = in_memory("module::get");
    static UNNAMED_MANY: Site = in_memory("module::get").each();
    assert_eq!(one(&UNNAMED, 1, 1), 1);
    assert_eq!(many(&UNNAMED_MANY, &[1]).1, [1]);
    static ONE: Site = in_memory("chosen").named();
    static OTHER: Site = in_memory("chosen").named();
    assert_eq!((one(&ONE, 1, 1), one(&OTHER, 1, 2)), (1, 2), "neither is a batch");
    static VERSION: Site =
        Site::new(SiteSpec { version: Some(2), ..spec("chosen", &[]) }).named().each();
    assert_eq!(many(&VERSION, &[1]).1, [1]);
    static SMALL: Site = Site::new(SiteSpec {
        memory: Some(MemorySpec::DEFAULT.bound(MemoryBound::entries(1))),
        ..spec("chosen", &[])
    })
    .named()
    .each();
    assert_eq!(many(&SMALL, &[1]).1, [1], "its memory has another bound");
    static OPTIONS: Site = in_memory("chosen").named().each();
    let batch: Batch<Map, _, _, _, _, _, _, _, _> = OPTIONS
        .function()
        .with(Instance::only(), plan::<Option<u64>>())
        .batch(ShapeProbe::<Map>::new().shape(), AbsentRemembered, &[1_u64], false, |id| {
            (Probe(id).memory_part(), ())
        });
    assert_eq!(batch.run_blocking(|_| Map::from([(1, 3)])), Map::from([(1, 3)]));
    assert_eq!(one(&ONE, 1, 9), 1);
}

fn memo<V: Send + Sync + 'static>(without_stores: bool) -> Memo<u64, V> {
    let remote = Remote::new("s", None);
    Memo::new(MemoParts {
        types: Some(TypeNames::NONE),
        switches: OwnSwitches::default(),
        name: "f".into(),
        clock: Clock::system(),
        wait_bound: std::time::Duration::from_secs(10),
        memory: None,
        remotes: if without_stores { Vec::new() } else { vec![remote] },
        rules: Rules::new(),
        wire: None,
        copy: |_| None,
    })
}

/// Of two that differ in their types, the batch leaves the stores to the other one, whichever comes
/// first.
#[test]
fn bug_36_a_batch_of_another_type_does_not_use_the_stores() {
    static ONE: Site = Site::new(spec("f", &["s"])).named();
    static MANY: Site = Site::new(spec("f", &["s"])).named().each();
    let named = Named::default();
    let of_one = named.memo(&ONE, Instance::only(), memo::<u64>);
    let of_many = named.memo(&MANY, Instance::only(), memo::<Option<u64>>);
    assert!(of_one.any.uses("s") && !of_many.any.uses("s"));
    let named = Named::default();
    let of_many = named.memo(&MANY, Instance::only(), memo::<Option<u64>>);
    assert!(of_many.any.uses("s"), "it is alone as yet");
    let of_one = named.memo(&ONE, Instance::only(), memo::<u64>);
    assert!(of_one.any.uses("s") && !of_many.any.uses("s"));
    let named = Named::default();
    let of_one = named.memo(&ONE, Instance::only(), memo::<u64>);
    let of_many = named.memo(&MANY, Instance::only(), memo::<u64>);
    assert!(std::ptr::addr_eq(of_one.any, of_many.any) && of_one.any.uses("s"));
}

#[test]
fn an_installation_allows_a_batch_and_one_function_of_its_name() {
    static ONE: Site = Site::new(spec("f", &["s"])).named();
    static MANY: Site = Site::new(spec("f", &["s"])).named().each();
    static MORE: Site = Site::new(spec("f", &["s"])).named().each();
    check_names(&[&ONE, &MANY]).unwrap();
    check_names(&[&MANY, &MORE, &ONE]).unwrap();
    static SECOND: Site = Site::new(spec("f", &["s"])).named();
    static UNNAMED: Site = Site::new(spec("f", &["s"])).each();
    for mixed in [&[&ONE, &SECOND][..], &[&ONE, &MANY, &SECOND], &[&ONE, &UNNAMED]] {
        let said = check_names(mixed).unwrap_err().to_string();
        assert!(said.contains("clears their entries: `f` (here.rs:1, here.rs:1"), "{said}");
    }
    static ELSEWHERE: Site = Site::new(spec("f", &["t"])).named();
    static LABELS: Site =
        Site::new(SiteSpec { key: KeyText::Labelled(&["ids"]), ..spec("f", &["s"]) }).named();
    static TEMPLATE: Site = Site::new(SiteSpec {
        key: KeyText::Template(&[Piece::Text("id="), Piece::Part(0)]),
        ..spec("f", &["s"])
    })
    .named();
    static BARE: Site = Site::new(SiteSpec { memory: None, ..spec("f", &["s"]) }).named();
    static IN_MEMORY: Site = in_memory("f").named();
    for misfit in [&ELSEWHERE, &LABELS, &TEMPLATE, &BARE, &IN_MEMORY] {
        let said = check_names(&[misfit, &MANY]).unwrap_err().to_string();
        assert!(said.contains("cannot share its entries with: `f`"), "{said}");
        assert!(said.contains("`each = id in ids`"), "{said}");
    }
    static NOT_CHOSEN: Site = in_memory("f");
    check_names(&[&NOT_CHOSEN, &MANY]).unwrap();
}

//! Parts of keys that come from the surroundings of a call, written as the macro writes it.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use cached_kit::__private::{self as private, BlockingEntry, PlanFor, Site, SiteSpec};
use cached_kit::{CallOutcome, ErrorKind, KeyContext, Mode, force_update, observe_sync};

use crate::fixture::set_up;

fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, SeqCst)
}

const fn spec(name: &'static str, stores: &'static [&'static str]) -> SiteSpec {
    SiteSpec {
        name,
        version: None,
        key: private::KeyText::Labelled(&["tenant", "id"]),
        memory: Some(private::MemorySpec::DEFAULT),
        stores,
        file: file!(),
        line: line!(),
    }
}

static IN_MEMORY: Site = Site::new(spec("key_context.in_memory", &[]));
static LAYERED: Site = Site::new(spec("key_context.layered", &["far"]));

fn plan() -> impl PlanFor<u64> {
    use private::ShapePlain as _;
    private::in_both::<u64, _>(private::ShapeProbe::<u64>::new().shape()).ruled_by(|rules| {
        rules.layer(private::Lifetime::store_default()).layer(private::Lifetime::store_default())
    })
}

fn call(site: &'static Site, id: u64) -> u64 {
    let key = (private::context_part("tenant"), (private::Probe(&id).shared_part(), ()));
    site.call(plan(), key, false).run_blocking(next)
}

fn entry(site: &'static Site, id: u64) -> BlockingEntry<u64> {
    let key = (private::context_part("tenant"), (private::Probe(&id).shared_part(), ()));
    site.blocking_entry(plan(), key)
}

fn within<T>(tenant: &str, f: impl FnOnce() -> T) -> T {
    KeyContext::sync_scope([("tenant", tenant)], f)
}

#[test]
fn each_value_has_entries_of_its_own() {
    set_up();
    for site in [&IN_MEMORY, &LAYERED] {
        let one = within("a", || call(site, 1));
        let other = within("b", || call(site, 1));
        assert_ne!(one, other);
        assert_eq!(within("a", || [call(site, 1), call(site, 1)]), [one, one]);
        assert_eq!(within("a", || within("b", || call(site, 1))), other);
        let handle = within("a", || entry(site, 1));
        assert!(handle.key().ends_with(":tenant=a,id=1"), "{}", handle.key());
        assert_eq!(handle.peek(), Some(one), "a handle keeps the values that it was made with");
        handle.invalidate().unwrap();
        assert!(within("a", || call(site, 1)) > one);
        assert_eq!(within("b", || call(site, 1)), other);
    }
}

#[test]
fn a_call_without_a_part_computes() {
    set_up();
    for site in [&IN_MEMORY, &LAYERED] {
        let before = site.stats();
        let calls = [call(site, 9), call(site, 9), force_update(|| call(site, 9))];
        let more = Mode::ForceUpdate.sync_scope(|| call(site, 9));
        assert!(calls[0] < calls[1] && calls[1] < calls[2] && calls[2] < more);
        let stats = site.stats();
        assert_eq!(stats.bypassed, before.bypassed + 4);
        assert_eq!((stats.forced, stats.misses), (before.forced, before.misses));
        let (_, seen) = observe_sync(|| call(site, 9));
        assert_eq!((seen[0].key(), seen[0].outcome()), (None, CallOutcome::Bypassed));
        assert_eq!(site.working(), 0);
    }
}

#[test]
fn a_handle_without_a_part_is_of_nothing() {
    set_up();
    let handle = entry(&LAYERED, 1);
    assert_eq!(handle.key(), "key_context.layered without `tenant`");
    assert_eq!((handle.peek(), handle.ttl()), (None, None));
    for error in [handle.put(1).unwrap_err(), handle.invalidate().unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("nobody has set `tenant`"), "{error}");
    }
    let said = handle.explain();
    assert_eq!((said.layers.len(), said.answered_by()), (0, None));
    assert!(said.to_string().contains("`KeyContext::scope([(\"tenant\", ..)], ..)`"), "{said}");
}

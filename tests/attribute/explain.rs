//! What `explain` says of an entry.

use std::time::Duration;

use cached_kit::{LayerState, Store as _, Timeout, block_on, cached};

use crate::fixture::{Time, set_up};

#[cached(using = "memory", timeout = 60)]
#[cached(using = "near", timeout = 100)]
#[cached(using = "far", timeout = 600)]
async fn layered(id: u64) -> u64 {
    id
}

#[cached(timeout = 60, none_timeout = 10)]
fn in_memory(id: u64) -> Option<u64> {
    (id > 0).then_some(id)
}

fn fresh(age: Option<u64>, left: u64) -> LayerState {
    let left = Timeout::After(Duration::from_secs(left));
    LayerState::Fresh { age: age.map(Duration::from_secs), left }
}

fn states(explanation: &cached_kit::Explanation) -> Vec<(&str, LayerState)> {
    explanation.layers.iter().map(|layer| (layer.store.as_str(), layer.state)).collect()
}

#[test]
fn every_layer_is_asked_and_nothing_changes() {
    use LayerState::{Absent, Expired};
    set_up();
    let time = Time::own();
    block_on(async {
        let entry = layered::entry(1);
        let nothing = entry.explain().await;
        assert_eq!(states(&nothing), [("memory", Absent), ("near", Absent), ("far", Absent)]);
        assert_eq!(nothing.answered_by(), None);
        assert_eq!(layered(1).await, 1);
        let before = layered::stats();

        time.advance(Duration::from_secs(20));
        let all = entry.explain().await;
        let expected = [
            ("memory", fresh(None, 40)),
            ("near", fresh(Some(20), 80)),
            ("far", fresh(Some(20), 580)),
        ];
        assert_eq!(states(&all), expected);
        assert_eq!(all.key, "attribute::explain::layered:id=1");
        assert_eq!(all.answered_by(), Some("memory"));

        time.advance(Duration::from_secs(90));
        let late = entry.explain().await;
        // A store in memory may have let go of the entry itself.
        let [memory, near, far] = states(&late)[..] else { panic!("{late}") };
        assert!(matches!(memory.1, Expired | Absent) && matches!(near.1, Expired | Absent));
        assert_eq!(far.1, fresh(Some(110), 490));
        assert_eq!(late.answered_by(), Some("far"));
        let said = late.to_string();
        assert!(said.starts_with("attribute::explain::layered:id=1\n  memory: "), "{said}");
        assert!(said.contains("\n  far: fresh, 110s old, 490s left\n"), "{said}");
        assert!(said.ends_with("a call returns what `far` has"), "{said}");
        let after = layered::stats();
        assert_eq!((after.hits, after.misses), (before.hits, before.misses));
        for (after, before) in after.layers.iter().zip(&before.layers) {
            assert_eq!((after.hits, after.misses), (before.hits, before.misses));
        }
    });
}

#[test]
fn the_age_in_memory_is_known_where_nothing_lies_below() {
    set_up();
    let time = Time::own();
    assert_eq!((in_memory(1), in_memory(0)), (Some(1), None));
    time.advance(Duration::from_secs(4));
    let of = |id| in_memory::entry(id).explain().layers[0].state;
    assert_eq!(of(1), fresh(Some(4), 56));
    assert_eq!(of(0), fresh(Some(4), 6), "its own time");
    time.advance(Duration::from_secs(6));
    assert_eq!((of(1), of(0)), (fresh(Some(10), 50), LayerState::Expired));
    in_memory::entry(0).invalidate().unwrap();
    assert_eq!(of(0), LayerState::Absent);
    let said = in_memory::entry(0).explain().to_string();
    assert!(said.ends_with("a call computes: no layer has a fresh value"), "{said}");
}

#[test]
fn what_never_expires_and_what_cannot_be_read() {
    #[cached(using = ["memory", "far"])]
    fn for_ever(id: u64) -> u64 {
        id
    }
    set_up();
    assert_eq!(for_ever(1), 1);
    let entry = for_ever::entry(1);
    let said = entry.explain();
    assert_eq!(said.layers[0].state, LayerState::Fresh { age: None, left: Timeout::Never });
    let key = entry.key();
    block_on(crate::fixture::far().set(&key, b"something else", Timeout::Never)).unwrap();
    assert_eq!(entry.explain().layers[1].state, LayerState::Unreadable);
}

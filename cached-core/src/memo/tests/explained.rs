//! What is said of stores that do not answer, or are not there.

use std::future::ready;
use std::time::Duration;

use super::rig::{Layers, Rig, TTL, done};
use crate::memo::LayerState;
use crate::{Explanation, Timeout};

fn explain(rig: &Rig) -> Explanation {
    done(rig.memo.explain(&1, rig.at(1).as_ref(), "f:1".into()))
}

fn states(rig: &Rig) -> Vec<LayerState> {
    explain(rig).layers.iter().map(|layer| layer.state).collect()
}

#[test]
fn a_store_that_does_not_answer_and_one_that_is_not_there() {
    let rig = Rig::new(Layers::Stacked);
    rig.store.fail("get");
    assert_eq!(states(&rig), [LayerState::Absent, LayerState::Unavailable]);
    let rig = Rig::without_store(Layers::Stacked);
    assert_eq!(states(&rig), [LayerState::Absent, LayerState::NotInstalled]);
    let said = explain(&rig).to_string();
    assert_eq!(
        said,
        "f:1\n  memory: absent\n  script: no such store is installed\n\
         a call computes: no layer has a fresh value"
    );
}

#[test]
fn what_lies_there_expired_or_damaged() {
    let rig = Rig::new(Layers::Store);
    rig.call(1, ready(10)).is_done();
    let bytes = rig.bytes(1).unwrap();
    // A server whose clock is behind ours still has it.
    rig.put_bytes(1, &bytes);
    rig.time.advance(TTL - Duration::from_secs(1));
    let left = Timeout::After(Duration::from_secs(1));
    let age = Some(TTL - Duration::from_secs(1));
    assert_eq!(states(&rig), [LayerState::Fresh { age, left }]);
    rig.time.advance(Duration::from_secs(1));
    assert_eq!(states(&rig), [LayerState::Expired]);
    rig.put_bytes(1, &bytes[..bytes.len() - 1]);
    rig.time.set_unix_millis(rig.time.clock().unix_millis() - 10_000);
    assert_eq!(states(&rig), [LayerState::Unreadable]);
    assert_eq!(rig.store.count("set"), 1, "nothing was changed");
}

#[test]
fn an_expired_entry_in_memory() {
    let rig = Rig::new(Layers::Memory);
    rig.call(1, ready(10)).is_done();
    assert!(matches!(states(&rig)[..], [LayerState::Fresh { age: Some(Duration::ZERO), .. }]));
    rig.time.advance(TTL);
    assert_eq!(states(&rig), [LayerState::Expired]);
    rig.change(1, None).is_done().unwrap();
    assert_eq!(states(&rig), [LayerState::Absent]);
}

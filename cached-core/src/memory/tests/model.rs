//! The memory against a map that is simple enough to be right.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::time::Duration;

use proptest::prelude::*;

use super::{Constant, capacity};
use crate::clock::{ManualClock, Tick};
use crate::memory::{Hasher, Memory};

#[derive(Clone, Debug)]
enum Op {
    Insert { key: u8, ttl: Option<u64> },
    Get { key: u8 },
    Peek { key: u8 },
    Remove { key: u8 },
    Update { key: u8, ttl: Option<u64> },
    Leave { key: u8 },
    Advance { by: u64 },
    Clear,
}

fn op() -> impl Strategy<Value = Op> {
    let key = 0..24_u8;
    let ttl = prop_oneof![2 => Just(None), 3 => (0..20_u64).prop_map(Some)];
    prop_oneof![
        8 => (key.clone(), ttl.clone()).prop_map(|(key, ttl)| Op::Insert { key, ttl }),
        8 => key.clone().prop_map(|key| Op::Get { key }),
        2 => key.clone().prop_map(|key| Op::Peek { key }),
        3 => key.clone().prop_map(|key| Op::Remove { key }),
        4 => (key.clone(), ttl).prop_map(|(key, ttl)| Op::Update { key, ttl }),
        1 => key.prop_map(|key| Op::Leave { key }),
        3 => (1..10_u64).prop_map(|by| Op::Advance { by }),
        1 => Just(Op::Clear),
    ]
}

/// Runs `ops` on a memory and on a plain map, which is told of evictions only by their absence.
fn run<S: BuildHasher>(memory: &Memory<u8, u64, S>, bound: Option<usize>, ops: &[Op]) {
    let time = ManualClock::new();
    let clock = time.clock();
    let mut model: HashMap<u8, (u64, Tick)> = HashMap::new();
    let deadline = |ttl: &Option<u64>| {
        ttl.map_or(Tick::NEVER, |ms| clock.now().after(Duration::from_millis(ms)))
    };
    for (number, op) in (0..).zip(ops) {
        let now = clock.now();
        let pin = memory.pin();
        let expected = |key: &u8| model.get(key).filter(|entry| entry.1 > now).copied();
        match op {
            Op::Insert { key, ttl } => {
                memory.insert(&pin, *key, number, deadline(ttl), now);
                model.insert(*key, (number, deadline(ttl)));
            }
            Op::Get { key } | Op::Peek { key } => {
                let seen = match op {
                    Op::Get { .. } => memory.get(key, &clock, |value, until| (*value, until)),
                    _ => memory.peek(key, &clock, |value, until| (*value, until)),
                };
                assert!(seen.is_none() || seen == expected(key), "{key}: {seen:?}");
            }
            Op::Remove { key } => {
                let was_there = memory.peek(key, &clock, |_, _| ()).is_some();
                assert_eq!(memory.remove(&pin, key, now), was_there);
                model.remove(key);
            }
            Op::Update { key, ttl } => {
                let (there, until) = (memory.peek(key, &clock, |value, _| *value), deadline(ttl));
                let new = there.map_or(number, |value| value + 1_000);
                let stored = memory.update(&pin, *key, now, |entry| {
                    assert_eq!(entry.map(|(value, _)| *value), there);
                    Some((new, until))
                });
                assert_eq!(stored.copied(), (until > now).then_some(new));
                model.insert(*key, (new, until));
            }
            Op::Leave { key } => assert_eq!(memory.update(&pin, *key, now, |_| None), None),
            Op::Advance { by } => time.advance(Duration::from_millis(*by)),
            Op::Clear => {
                memory.clear(&pin);
                model.clear();
                assert_eq!(memory.len(), 0);
            }
        }
        if let Op::Insert { key, .. } | Op::Update { key, .. } = op {
            let seen = memory.peek(key, &clock, |value, until| (*value, until));
            assert_eq!(seen, model.get(key).filter(|entry| entry.1 > now).copied());
        }
        assert!(bound.is_none_or(|bound| memory.len() <= bound));
        memory.validate();
        compare(memory, &model, clock.now(), bound);
    }
}

/// Checks that everything in the memory is in the model, and without a bound the reverse too.
fn compare<S: BuildHasher>(
    memory: &Memory<u8, u64, S>,
    model: &HashMap<u8, (u64, Tick)>,
    now: Tick,
    bound: Option<usize>,
) {
    let mut live = 0;
    memory.for_each_live(now, |key, value, deadline| {
        assert_eq!(model.get(key), Some(&(*value, deadline)));
        live += 1;
    });
    if bound.is_none() {
        assert_eq!(live, model.values().filter(|entry| entry.1 > now).count());
        assert_eq!(memory.evicted(), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_bounded_memory_never_reads_a_wrong_value(
        bound in 1..=12_usize,
        ops in proptest::collection::vec(op(), 1..150),
    ) {
        run(&Memory::<u8, u64>::new(capacity(bound)), Some(bound), &ops);
    }

    #[test]
    fn nor_does_one_of_several_shards(
        bound in 4..=16_usize,
        ops in proptest::collection::vec(op(), 1..150),
    ) {
        run(&Memory::<u8, u64>::with_shards(Some(bound), Hasher::default(), 4), Some(bound), &ops);
    }

    #[test]
    fn an_unbounded_memory_loses_nothing(ops in proptest::collection::vec(op(), 1..150)) {
        run(&Memory::<u8, u64>::new(None), None, &ops);
    }

    #[test]
    fn nor_do_keys_of_one_hash(ops in proptest::collection::vec(op(), 1..150)) {
        run(&Memory::<u8, u64, Constant>::with_hasher(capacity(6), Constant), Some(6), &ops);
    }
}

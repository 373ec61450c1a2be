//! Random sequences of batches, calls and changes, against a plain map.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::future::ready;

use proptest::prelude::*;

use super::super::rig::{ALL, Layers, Rig};
use super::Asked;

#[derive(Clone, Debug)]
enum Op {
    Batch(Vec<u64>),
    ForceBatch(Vec<u64>),
    Call(u64),
    Put(u64),
    Invalidate(u64),
    Clear,
    ForgetMemory,
}

fn op() -> impl Strategy<Value = Op> {
    let key = || 0..8_u64;
    let keys = || proptest::collection::vec(0..8_u64, 0..7);
    prop_oneof![
        6 => keys().prop_map(Op::Batch),
        2 => keys().prop_map(Op::ForceBatch),
        2 => key().prop_map(Op::Call),
        1 => key().prop_map(Op::Put),
        2 => key().prop_map(Op::Invalidate),
        1 => Just(Op::Clear),
        1 => Just(Op::ForgetMemory),
    ]
}

/// What should be stored, as far as it is known; every computation gives a new number.
struct Model<'r> {
    rig: &'r Rig,
    stored: BTreeMap<u64, u64>,
    next: Cell<u64>,
    asked: Asked,
}

/// The elements divisible by seven are absent.
fn is_absent(key: u64) -> bool {
    key.is_multiple_of(7)
}

impl Model<'_> {
    fn body(&self) -> impl FnMut(Vec<u64>) -> std::future::Ready<HashMap<u64, u64>> + '_ {
        |missing| {
            self.asked.note(&missing);
            let present = missing.into_iter().filter(|key| !is_absent(*key));
            ready(present.map(|key| (key, self.number())).collect())
        }
    }

    fn number(&self) -> u64 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }

    /// Each of them once, in the order in which they come first.
    fn distinct(keys: &[u64]) -> Vec<u64> {
        let mut seen = Vec::new();
        keys.iter().for_each(|key| {
            if !seen.contains(key) {
                seen.push(*key)
            }
        });
        seen
    }

    fn batch(&mut self, keys: &[u64], force: bool) {
        let missing: Vec<_> = Self::distinct(keys)
            .into_iter()
            .filter(|key| force || !self.stored.contains_key(key))
            .collect();
        let got = match force {
            true => self.rig.force_batch(keys, self.body()).is_done(),
            false => self.rig.batch(keys, self.body()).is_done(),
        };
        let calls: Vec<Vec<u64>> = if missing.is_empty() { vec![] } else { vec![missing.clone()] };
        assert_eq!(self.asked.take(), calls);
        for key in missing {
            match got.get(&key) {
                Some(value) => drop(self.stored.insert(key, *value)),
                None => drop(self.stored.remove(&key)),
            }
        }
        let expected: HashMap<_, _> = keys
            .iter()
            .filter_map(|key| self.stored.get(key).map(|value| (*key, *value)))
            .collect();
        assert_eq!(got, expected);
    }

    fn run(&mut self, op: &Op) {
        match op {
            Op::Batch(keys) => self.batch(keys, false),
            Op::ForceBatch(keys) => self.batch(keys, true),
            Op::Call(key) => {
                let value = self.number();
                let got = self.rig.read(*key);
                let got = got.unwrap_or_else(|| self.rig.call(*key, ready(value)).is_done());
                assert_eq!(got, *self.stored.entry(*key).or_insert(value));
            }
            Op::Put(key) => {
                let value = self.number();
                self.rig.change(*key, Some(value)).is_done().unwrap();
                self.stored.insert(*key, value);
            }
            Op::Invalidate(key) => {
                self.rig.change(*key, None).is_done().unwrap();
                self.stored.remove(key);
            }
            Op::Clear => {
                self.rig.clear().is_done().unwrap();
                self.stored.clear();
            }
            Op::ForgetMemory => {
                self.rig.forget_memory();
                if self.rig.layers == Layers::Memory {
                    self.stored.clear();
                }
            }
        }
        self.rig.assert_idle();
        for key in 0..8 {
            assert_eq!(self.rig.read(key), self.stored.get(&key).copied(), "after {op:?}");
        }
    }
}

proptest! {
    #[test]
    fn values_are_right_and_the_body_gets_exactly_what_is_missing(
        ops in proptest::collection::vec(op(), 1..40),
    ) {
        for layers in ALL {
            let rig = Rig::new(layers);
            let asked = Asked::default();
            let mut model =
                Model { rig: &rig, stored: BTreeMap::new(), next: Cell::new(0), asked };
            ops.iter().for_each(|op| model.run(op));
        }
    }
}

//! The memory against a map that is simple enough to be right.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::entries;
use crate::driver::{Op, Setup, run};
use crate::{Bound, EvictionPolicy};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..Default::default() }
}

fn ops(keys: u64, steps: usize) -> impl Strategy<Value = Vec<Op>> {
    let op = any::<[u8; 4]>().prop_map(move |bytes| Op::decode(bytes, keys));
    proptest::collection::vec(op, 1..steps)
}

/// Any setup of a policy: one or eight shards, each kind of bound, with and without a listener,
/// with and without priorities, and with hashes that are all different, or few, or all the same.
fn check(policy: EvictionPolicy) {
    let setup = any::<[u8; 4]>().prop_map(move |bytes| Setup { policy, ..Setup::decode(bytes) });
    runner(250).run(&(setup, ops(24, 200)), passes).unwrap_or_else(|error| panic!("{error}"));
}

fn runner(cases: u32) -> proptest::test_runner::TestRunner {
    proptest::test_runner::TestRunner::new(config(cases))
}

fn passes((setup, ops): (Setup, Vec<Op>)) -> TestCaseResult {
    run(&setup, &ops);
    Ok(())
}

#[test]
fn s3fifo_agrees_with_the_model() {
    check(EvictionPolicy::S3Fifo);
}

#[test]
fn lru_agrees_with_the_model() {
    check(EvictionPolicy::Lru);
}

#[test]
fn lfu_agrees_with_the_model() {
    check(EvictionPolicy::Lfu);
}

#[test]
fn fifo_agrees_with_the_model() {
    check(EvictionPolicy::Fifo);
}

#[test]
fn mru_agrees_with_the_model() {
    check(EvictionPolicy::Mru);
}

#[test]
fn random_agrees_with_the_model() {
    check(EvictionPolicy::Random);
}

/// Lines that overflow, tables that grow and shrink, and more keys of one hash than a line counts.
#[test]
fn bug_37_many_keys_of_few_hashes_agree_with_the_model() {
    let setups = (any::<[u8; 4]>(), any::<bool>(), 0..3_usize).prop_map(|(bytes, bounded, few)| {
        let bound = if bounded { entries(300) } else { Bound::Unbounded };
        Setup { bound, keys: 500, hashes: [1, 5, u64::MAX][few], ..Setup::decode(bytes) }
    });
    runner(24).run(&(setups, ops(500, 1_500)), passes).unwrap_or_else(|error| panic!("{error}"));
}

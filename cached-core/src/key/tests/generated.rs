//! Values from a random source: equal exactly if their keys are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::collection::{btree_map, btree_set, hash_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::result::maybe_ok;

use super::*;

/// Short texts of characters that matter somewhere, so that near collisions are frequent, and now
/// and then any text at all.
fn tricky() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[ab,()!~%:=#@ 0é\u{0}*?\\[\\]{}\\\\]{0,3}",
        1 => any::<String>(),
    ]
}

fn some_of<S: Strategy>(values: S) -> impl Strategy<Value = Vec<S::Value>>
where
    S::Value: Clone,
{
    vec(values, 2..10)
}

type Deep = Option<Option<Option<String>>>;

proptest! {
    #[test]
    fn bug_35_lists_of_options(values in some_of(vec(option::of(tricky()), 0..4))) {
        assert_injective(&values);
    }

    #[test]
    fn bug_35_tuples_with_lists_of_tuples(
        values in some_of((tricky(), vec((0..3u8, tricky()), 0..3))),
    ) {
        assert_injective(&values);
    }

    #[test]
    fn bug_35_lists_of_lists(values in some_of(vec(vec(tricky(), 0..3), 0..3))) {
        assert_injective(&values);
    }

    #[test]
    fn bug_35_options_of_options(
        values in some_of(option::of(option::of(option::of(tricky())))),
    ) {
        assert_injective::<Deep>(&values);
    }

    #[test]
    fn bug_35_results(values in some_of(maybe_ok(tricky(), vec(tricky(), 0..2)))) {
        assert_injective(&values);
    }

    #[test]
    fn bug_35_maps(values in some_of(hash_map(tricky(), option::of(tricky()), 0..3))) {
        assert_injective(&values);
    }

    #[test]
    fn bug_35_maps_of_maps_and_sets(
        values in some_of(btree_map(tricky(), btree_set((tricky(), 0..2u8), 0..3), 0..3)),
    ) {
        assert_injective(&values);
        let hashed = values.iter().map(|value| value.clone().into_iter().collect());
        let hashed: Vec<HashMap<String, BTreeSet<(String, u8)>>> = hashed.collect();
        for (one, other) in values.iter().zip(&hashed) {
            assert_eq!(text(one), text(other));
        }
    }

    /// Every NaN is one key and both zeros are; `==` decides for all others.
    #[test]
    fn floats(bits in vec(any::<u64>(), 2..10), halves in vec(any::<u32>(), 2..10)) {
        let floats: Vec<_> = bits.into_iter().map(f64::from_bits).filter(|f| !f.is_nan()).collect();
        assert_injective(&floats);
        let floats: Vec<_> =
            halves.into_iter().map(f32::from_bits).filter(|f| !f.is_nan()).collect();
        assert_injective(&floats);
    }

    /// What is in a value never looks like what is around it: the shape of the text depends on
    /// the shape of the value alone.
    #[test]
    fn separators_never_come_from_values(values in vec(tricky(), 0..4), other in tricky()) {
        let shape = |text: String| text.replace(|c| !"(),".contains(c), "");
        let replaced = vec![other; values.len()];
        assert_eq!(shape(text(&values)), shape(text(&replaced)));
    }

    #[test]
    fn paths(values in some_of("[a./]{0,6}")) {
        assert_injective(&values.iter().map(std::path::PathBuf::from).collect::<Vec<_>>());
    }

    #[test]
    fn bug_41_maps_do_not_depend_on_the_order(mut pairs in vec((tricky(), 0..9u8), 0..8)) {
        let sorted: BTreeMap<_, _> = pairs.iter().cloned().collect();
        let keys: Vec<_> = sorted.iter().map(|(key, value)| (key.clone(), *value)).collect();
        pairs = keys;
        pairs.reverse();
        let reversed: HashMap<_, _> = pairs.into_iter().collect();
        assert_eq!(text(&reversed), text(&sorted));
    }
}

//! Values from a random source: equal exactly if their derived keys are.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use cached_kit::CacheKey;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::text;

#[derive(CacheKey, Clone, Debug, PartialEq)]
struct Filter {
    words: Vec<String>,
    owner: Option<Owner>,
    #[cache_key(rename = "a,b=(c")]
    limit: Option<String>,
}

#[derive(CacheKey, Clone, Debug, PartialEq)]
struct Owner(Option<String>);

#[derive(CacheKey, Clone, Debug, PartialEq)]
struct Two(String, String);

#[derive(CacheKey, Clone, Debug, PartialEq)]
enum Value {
    #[cache_key(rename = "()")]
    Nothing,
    Text(String),
    /// Its name is the beginning of that of another one.
    Tex(String),
    Two(String, String),
    Struct(Two),
    Named {
        text: String,
        other: Option<String>,
    },
    Like {
        text: String,
        other: Option<String>,
    },
    #[cache_key(rename = "Named,text=a")]
    Filtered(Box<Filter>),
}

/// Short texts of characters and words that matter somewhere.
fn tricky() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a,()!~%=]{0,2}",
        2 => "(Text|Two|Named|Nothing|text=|words=|other|!|~|\\(\\))",
        1 => any::<String>(),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let owner = option::of(option::of(tricky()).prop_map(Owner));
    (vec(tricky(), 0..3), owner, option::of(tricky())).prop_map(|(words, owner, limit)| Filter {
        words,
        owner,
        limit,
    })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Nothing),
        tricky().prop_map(Value::Text),
        tricky().prop_map(Value::Tex),
        (tricky(), tricky()).prop_map(|(a, b)| Value::Two(a, b)),
        (tricky(), tricky()).prop_map(|(a, b)| Value::Struct(Two(a, b))),
        (tricky(), option::of(tricky())).prop_map(|(text, other)| Value::Named { text, other }),
        (tricky(), option::of(tricky())).prop_map(|(text, other)| Value::Like { text, other }),
        filter().prop_map(|filter| Value::Filtered(Box::new(filter))),
    ]
}

/// Checks that values have one text exactly if they are equal, made of characters that mean nothing
/// to anybody.
fn assert_injective<T: CacheKey + PartialEq + fmt::Debug>(values: &[T]) {
    let texts: Vec<_> = values.iter().map(text).collect();
    for (one, one_text) in values.iter().zip(&texts) {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.%(),=!~".contains(c);
        assert!(one_text.chars().all(plain), "{one_text}");
        for (other, other_text) in values.iter().zip(&texts) {
            assert_eq!(
                one == other,
                one_text == other_text,
                "{one:?} is {one_text} and {other:?} is {other_text}"
            );
        }
    }
}

proptest! {
    #[test]
    fn bug_35_derived_structs(values in vec(filter(), 2..12)) {
        assert_injective(&values);
    }

    #[test]
    fn bug_35_derived_enums(values in vec(value(), 2..12)) {
        assert_injective(&values);
    }

    #[test]
    fn bug_35_derived_keys_in_other_values(
        values in vec((option::of(value()), vec(filter(), 0..2)), 2..12),
    ) {
        assert_injective(&values);
    }
}

#[derive(CacheKey)]
struct Sets {
    set: HashSet<String>,
    map: HashMap<String, HashSet<u8>>,
}

#[test]
fn bug_41_a_derived_key_does_not_depend_on_the_order_in_a_map() {
    let mut keys = HashSet::new();
    for turn in 0..100 {
        let mut order: Vec<u8> = (0..50).collect();
        order.rotate_left(turn % 50);
        if turn >= 50 {
            order.reverse();
        }
        let set = order.iter().map(u8::to_string).collect();
        let map = order.iter().map(|n| (n.to_string(), order.iter().copied().collect())).collect();
        keys.insert(text(&Sets { set, map }));
    }
    assert_eq!(keys.len(), 1);
}

#[derive(CacheKey)]
struct Secret {
    id: Box<u64>,
    words: Vec<String>,
}

/// Says the same of all values.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// bug 38: a new object at the address of an old one, with the same `Debug`, has a key of its own,
/// and equal objects at two addresses have one.
#[test]
fn bug_38_neither_debug_nor_the_address_is_in_a_derived_key() {
    let make = |id: u64| Secret { id: Box::new(id), words: vec![id.to_string()] };
    assert_eq!(format!("{:?}", make(1)), format!("{:?}", make(2)));
    let mut keys = BTreeMap::new();
    let kept: Vec<Secret> = (0..100).map(make).collect();
    for round in 0..3 {
        for id in 0..100 {
            // Freed at once, so that the next one is where it was.
            let key = text(&make(id));
            let before = keys.insert(key.clone(), id);
            assert!(before.is_none_or(|before| before == id), "{key} in round {round}");
        }
    }
    assert_eq!(keys.len(), 100);
    assert!(kept.iter().all(|kept| keys.get(&text(kept)) == Some(&kept.id)));
}

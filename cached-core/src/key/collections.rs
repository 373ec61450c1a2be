//! `CacheKey` for std types that hold several values, or perhaps none.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::ops::{Range, RangeInclusive};

use super::{CacheKey, KeyWriter};

impl<T: CacheKey> CacheKey for Option<T> {
    fn write_key(&self, key: &mut KeyWriter) {
        match self {
            None => key.none(),
            Some(value) => key.some(value),
        }
    }
}

impl<T: CacheKey, E: CacheKey> CacheKey for Result<T, E> {
    fn write_key(&self, key: &mut KeyWriter) {
        key.group(|parts| match self {
            Ok(value) => {
                parts.item("ok");
                parts.item(value);
            }
            Err(error) => {
                parts.item("err");
                parts.item(error);
            }
        });
    }
}

fn write_in_order<'a, T: CacheKey + 'a>(key: &mut KeyWriter, items: impl Iterator<Item = &'a T>) {
    key.group(|parts| items.for_each(|item| parts.item(item)));
}

impl<T: CacheKey> CacheKey for [T] {
    fn write_key(&self, key: &mut KeyWriter) {
        write_in_order(key, self.iter());
    }
}

impl<T: CacheKey, const N: usize> CacheKey for [T; N] {
    fn write_key(&self, key: &mut KeyWriter) {
        write_in_order(key, self.iter());
    }
}

macro_rules! sequences {
    ($($sequence:ident)*) => {$(
        impl<T: CacheKey> CacheKey for $sequence<T> {
            fn write_key(&self, key: &mut KeyWriter) {
                write_in_order(key, self.iter());
            }
        }
    )*};
}
sequences!(Vec VecDeque LinkedList);

/// Writes what has no order of its own, sorted by its text: one key for equal contents.
fn write_sorted(key: &mut KeyWriter, mut items: Vec<String>) {
    items.sort_unstable();
    key.group(|parts| items.iter().for_each(|item| parts.ready(item)));
}

impl<T: CacheKey, S> CacheKey for HashSet<T, S> {
    fn write_key(&self, key: &mut KeyWriter) {
        write_sorted(key, self.iter().map(KeyWriter::text_of).collect());
    }
}

impl<T: CacheKey> CacheKey for BTreeSet<T> {
    fn write_key(&self, key: &mut KeyWriter) {
        write_sorted(key, self.iter().map(KeyWriter::text_of).collect());
    }
}

impl<K: CacheKey, V: CacheKey, S> CacheKey for HashMap<K, V, S> {
    fn write_key(&self, key: &mut KeyWriter) {
        write_sorted(key, self.iter().map(|pair| KeyWriter::text_of(&pair)).collect());
    }
}

impl<K: CacheKey, V: CacheKey> CacheKey for BTreeMap<K, V> {
    fn write_key(&self, key: &mut KeyWriter) {
        write_sorted(key, self.iter().map(|pair| KeyWriter::text_of(&pair)).collect());
    }
}

impl<T: CacheKey> CacheKey for Range<T> {
    fn write_key(&self, key: &mut KeyWriter) {
        (&self.start, &self.end).write_key(key);
    }
}

/// One that was iterated to its end is empty, though its bounds do not say so.
impl<T: CacheKey + PartialOrd> CacheKey for RangeInclusive<T> {
    fn write_key(&self, key: &mut KeyWriter) {
        let exhausted = self.is_empty() && self.start() <= self.end();
        key.group(|parts| {
            parts.item(self.start());
            parts.item(self.end());
            if exhausted {
                parts.item("exhausted");
            }
        });
    }
}

impl CacheKey for () {
    fn write_key(&self, key: &mut KeyWriter) {
        key.group(|_| {});
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: CacheKey),+> CacheKey for ($($name,)+) {
            #[allow(non_snake_case, reason = "the type's name serves for the value too")]
            fn write_key(&self, key: &mut KeyWriter) {
                let ($($name,)+) = self;
                key.group(|parts| {
                    $(parts.item($name);)+
                });
            }
        }
    )*};
}
tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
    (A B C D E F G H I) (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L)
}

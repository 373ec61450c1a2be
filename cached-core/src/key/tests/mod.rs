//! Keys are injective, and made of characters that mean nothing to anybody.

use super::text::{KeyText, Piece, StoreKey};
use super::{CacheKey, KeyWriter, Lookup, Probe, ProbeTyped as _};

mod corpus;
mod foreign;
mod generated;
mod store_key;

fn text<T: CacheKey + ?Sized>(value: &T) -> String {
    KeyWriter::text_of(value)
}

/// Checks that values of one type have one text exactly if they are equal.
fn assert_injective<T: CacheKey + PartialEq + std::fmt::Debug>(values: &[T]) {
    let texts: Vec<_> = values.iter().map(text).collect();
    for (one, one_text) in values.iter().zip(&texts) {
        assert_plain(one_text);
        for (other, other_text) in values.iter().zip(&texts) {
            assert_eq!(
                one == other,
                one_text == other_text,
                "{one:?} is {one_text} and {other:?} is {other_text}"
            );
        }
    }
}

/// Checks that a text has only characters that no store, glob pattern or terminal cares about, that
/// its groups are closed, and that the separators of whole keys do not occur.
fn assert_plain(text: &str) {
    let mut depth = 0_i32;
    for c in text.chars() {
        assert!(c.is_ascii_alphanumeric() || "-_.%(),=!~".contains(c), "{c:?} in {text}");
        depth += i32::from(c == '(') - i32::from(c == ')');
        assert!(depth >= 0, "{text}");
        assert!(depth > 0 || !",=".contains(c), "a separator outside of groups in {text}");
    }
    assert_eq!(depth, 0, "{text}");
    assert!(!text.is_empty());
}

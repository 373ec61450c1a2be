//! `CacheKey` for `rust_decimal`: one text for one number, however many zeros it was given with.

use rust_decimal::Decimal;

use crate::key::{CacheKey, KeyWriter};

impl CacheKey for Decimal {
    fn write_key(&self, key: &mut KeyWriter) {
        key.atom(self.normalize());
    }
}

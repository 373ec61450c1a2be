//! `CacheKey` for `uuid`: lower-case hex digits with hyphens.

use uuid::{NonNilUuid, Uuid};

use crate::key::{CacheKey, KeyWriter};

impl CacheKey for Uuid {
    fn write_key(&self, key: &mut KeyWriter) {
        let text = self.hyphenated();
        key.literal(text.encode_lower(&mut Uuid::encode_buffer()));
    }
}

impl CacheKey for NonNilUuid {
    fn write_key(&self, key: &mut KeyWriter) {
        self.get().write_key(key);
    }
}

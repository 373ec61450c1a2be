//! `CacheKey` for `bytes`: as text with the same bytes.

use bytes::{Bytes, BytesMut};

use crate::key::{CacheKey, KeyWriter};

impl CacheKey for Bytes {
    fn write_key(&self, key: &mut KeyWriter) {
        key.bytes(self);
    }
}

impl CacheKey for BytesMut {
    fn write_key(&self, key: &mut KeyWriter) {
        key.bytes(self);
    }
}

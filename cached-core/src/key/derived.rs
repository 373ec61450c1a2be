//! What the code of `#[derive(CacheKey)]` calls: each demands a key of one field, so that a field
//! that is none is reported once.

use super::{CacheKey, Group, KeyWriter};

/// Writes the field that stands for the whole value.
pub fn write_only<T: CacheKey + ?Sized>(key: &mut KeyWriter, value: &T) {
    value.write_key(key);
}

/// Writes a field by its position.
pub fn write_item<T: CacheKey + ?Sized>(group: &mut Group<'_>, value: &T) {
    group.item(value);
}

/// Writes a field under its name.
pub fn write_field<T: CacheKey + ?Sized>(group: &mut Group<'_>, name: &str, value: &T) {
    group.field(name, value);
}

/// A field that a function of the user's writes.
#[derive(Debug)]
pub struct With<F>(F);

/// Makes a key of what a function writes.
pub fn with<F: Fn(&mut KeyWriter)>(write: F) -> With<F> {
    With(write)
}

impl<F: Fn(&mut KeyWriter)> CacheKey for With<F> {
    fn write_key(&self, key: &mut KeyWriter) {
        (self.0)(key);
    }
}

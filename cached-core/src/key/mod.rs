//! Keys: the text that leaves the process, and typed keys that are looked up by reference.

mod collections;
mod derived;
mod escape;
mod foreign;
mod lookup;
mod scalars;
mod text;
mod writer;

#[doc(hidden)]
pub use derived::{With, with, write_field, write_item, write_only};
pub use escape::escape;
pub(crate) use escape::{escape_keeping, unescape};
pub(crate) use lookup::{Borrowed, Lookup, Part};
#[doc(hidden)]
pub use lookup::{Place, PlaceOwned, Probe, ProbeText, ProbeTyped};
#[doc(hidden)]
pub use text::{KeyText, Piece};
pub(crate) use text::{StoreKey, TypeNames, fnv1a_on};
pub use writer::{Group, KeyWriter};

/// A value that can be part of a cache key which leaves the process.
///
/// The text must be injective: two values that differ must be written differently. [`KeyWriter`]
/// sees to everything else: it escapes, delimits, and offers no way to write a separator. The std
/// types are covered, and behind features of cached-kit with their names those of `bytes`, `chrono`,
/// `http`, `rust_decimal`, `time`, `url` and `uuid`. For a type of your own, derive it:
/// `#[derive(cached_kit::CacheKey)]`. By hand, write what tells the values apart, and nothing else.
///
/// Values that are equal must have one text: memory compares with `==` where it can, and an entry
/// that is invalidated must be the same one in memory and in a store.
///
/// # Examples
///
/// ```
/// use cached_core::key::{CacheKey, KeyWriter};
///
/// struct Tenant { region: String, id: u64 }
///
/// impl CacheKey for Tenant {
///     fn write_key(&self, key: &mut KeyWriter) {
///         key.group(|parts| {
///             parts.item(&self.region);
///             parts.item(&self.id);
///         });
///     }
/// }
///
/// assert_eq!(KeyWriter::text_of(&Tenant { region: "eu:1".into(), id: 7 }), "(eu%3A1,7)");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a cache key",
    label = "not a key",
    note = "for a type of your own, write `#[derive(cached_kit::CacheKey)]`; for the memory layer alone, deriving `Clone, PartialEq, Eq, Hash` is enough",
    note = "for types of `bytes`, `chrono`, `http`, `rust_decimal`, `time`, `url` and `uuid`, turn on the feature of `cached-kit` with the crate's name",
    note = "leave a parameter out with `#[cached(exclude = [..])]`, or name what tells calls apart with `#[cached(include = [..])]`; leave a field out with `#[cache_key(skip)]`"
)]
pub trait CacheKey {
    /// Writes the value's text; what is written one after another becomes a group.
    fn write_key(&self, key: &mut KeyWriter);
}

#[cfg(test)]
mod tests;

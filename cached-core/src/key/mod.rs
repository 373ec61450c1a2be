//! Keys: the text that leaves the process, and typed keys that are looked up by reference.

mod collections;
mod context;
mod escape;
mod lookup;
mod scalars;
mod text;
mod writer;

#[doc(hidden)]
pub use context::ContextPart;
pub use escape::escape;
pub(crate) use escape::{escape_keeping, unescape};
pub(crate) use lookup::{Borrowed, Lookup};
#[doc(hidden)]
pub use lookup::{Place, PlaceOwned, Probe, ProbeText, ProbeTyped};
pub(crate) use text::StoreKey;
#[doc(hidden)]
pub use text::{KeyText, Piece};
pub use writer::{Group, KeyWriter};

/// A value that can be part of a cache key which leaves the process.
///
/// The text must be injective: two values that differ must be written differently. [`KeyWriter`]
/// sees to everything else: it escapes, delimits, and offers no way to write a separator. The std
/// types are covered; a type of your own writes what tells its values apart, and nothing else.
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
    note = "leave the parameter out with `#[cached(exclude = [..])]`, or name what tells calls apart with `#[cached(include = [..])]`",
    note = "for a type of your own, implement `cached_kit::CacheKey`; for the memory layer alone, deriving `Clone, PartialEq, Eq, Hash` is enough"
)]
pub trait CacheKey {
    /// Writes the value's text; what is written one after another becomes a group.
    fn write_key(&self, key: &mut KeyWriter);
}

#[cfg(test)]
mod tests;

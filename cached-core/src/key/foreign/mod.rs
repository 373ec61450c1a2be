//! `CacheKey` for the types of other crates, each behind the feature of its name.
//!
//! The texts are made from what the types say of themselves, not from their `Display`: that is free
//! to change in another release, and a key is not.

#[cfg(feature = "bytes")]
mod bytes;
#[cfg(any(feature = "chrono", feature = "time"))]
mod calendar;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "rust_decimal")]
mod rust_decimal;
#[cfg(feature = "time")]
mod time;
#[cfg(feature = "url")]
mod url;
#[cfg(feature = "uuid")]
mod uuid;

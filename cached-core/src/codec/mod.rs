//! How values become bytes outside the process: codecs, compression, and what stands around both.
//!
//! A store has one [`Codec`] and one [`Compression`], which its builder sets. Every entry says which it
//! was written with, so that a store reads what was written before a setting changed.
//!
//! A [`Serializer`] of one's own becomes a codec by [`Codec::custom`], a [`Compressor`] of one's own a
//! compression by [`Compression::custom`], each with a number that stands in its entries.
//!
//! # What has no form in bytes
//!
//! A value that its codec cannot write is an error of the kind [`Encode`](crate::ErrorKind::Encode) by
//! hand; an annotated function returns it all the same, does not store it, and counts it as
//! `unencodable`. Those are:
//!
//! - for JSON, maps whose keys are no text, number, `bool` or variant without fields;
//! - integers beyond 64 bits within a value, for a [`Serializer`] that does not know them;
//! - values whose own [`Serialize`] fails, as that of a `Mutex` that is poisoned, of a `RefCell` that is
//!   borrowed, of a path that is not UTF-8, or of a time before 1970.
//!
//! Types without `Serialize` and `Deserialize`, such as connections, closures and channels, do not
//! compile in a store; memory alone needs only `Clone`. Some values are written and do not come back
//! the same: fields with `#[serde(skip)]`, in JSON a float that is not finite (it reads as an error for an
//! `f64`, and as `None` for an `Option<f64>`), and `Some(None)` *inside* a value.
//!
//! Bytes that cannot be read, be they of another type, damaged or too large, are an error of the kind
//! [`Decode`](crate::ErrorKind::Decode) by hand; to an annotated function they are a miss, counted as
//! [`undecodable`](crate::LayerStats::undecodable), and replaced.

mod compression;
mod custom;
mod encoded;
mod envelope;
mod packing;
mod probe;

use std::error::Error as StdError;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind};

pub use compression::{Compression, Compressor};
pub use custom::{AnySlot, AnyValue, CustomCodec, Serializer};
pub(crate) use encoded::{Encoded, integer_of};
pub(crate) use envelope::{Envelope, Header, Opened};
pub(crate) use packing::Packing;

/// What a [`Serializer`] or a [`Compressor`] fails with: any error.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// How a value becomes bytes outside the process.
///
/// All codecs go through serde. A value reads back equal if its serde form says everything about
/// it; serde itself cannot tell `Some(None)` from `None` *inside* a value, but the toolkit can when
/// the whole value is such an `Option`.
///
/// Which values have no form in bytes is said in the documentation of [the module](self).
///
/// # Examples
///
/// ```
/// use cached_core::{Codec, MemoryStore};
///
/// let store = MemoryStore::builder().codec(Codec::Json).build()?;
/// # Ok::<(), cached_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// MessagePack, struct fields by name: compact, and old readers skip new fields. The default.
    #[default]
    MessagePack,
    /// JSON: readable by eye; map keys must be text, and a float that is no number is lost.
    Json,
    /// One of the user's own, made by [`Codec::custom`].
    Custom(CustomCodec),
}

impl Codec {
    /// Returns the number that stands in the header of an entry.
    fn number(&self) -> u8 {
        match self {
            Codec::MessagePack => 1,
            Codec::Json => 2,
            Codec::Custom(custom) => custom.number(),
        }
    }

    /// Returns the codec of a number, if it is one that every store reads.
    fn built_in(number: u8) -> Option<Self> {
        [Codec::MessagePack, Codec::Json].into_iter().find(|codec| codec.number() == number)
    }

    pub(crate) fn encode<T: Serialize + ?Sized>(&self, value: &T) -> Result<Encoded, Error> {
        if let Some(depth) = probe::nothing(value) {
            return Ok(Encoded { codec: self.clone(), nothing: true, payload: vec![depth] });
        }
        let payload = match self {
            Codec::MessagePack => rmp_serde::to_vec_named(value).map_err(encode_error),
            Codec::Json => serde_json::to_vec(value).map_err(encode_error),
            Codec::Custom(custom) => custom.encode(value),
        }?;
        Ok(Encoded { codec: self.clone(), nothing: false, payload })
    }

    fn decode<T: DeserializeOwned>(&self, payload: &[u8]) -> Result<T, Error> {
        match self {
            Codec::MessagePack => {
                let mut reader = rmp_serde::Deserializer::from_read_ref(payload);
                let value = T::deserialize(&mut reader).map_err(decode_error)?;
                // The reader does not tell where it is, but when it is asked for one thing more and
                // there is not even a marker, then it is at the end.
                match <() as serde::Deserialize>::deserialize(&mut reader) {
                    Err(rmp_serde::decode::Error::InvalidMarkerRead(_)) => Ok(value),
                    _ => Err(trailing()),
                }
            }
            Codec::Json => serde_json::from_slice(payload).map_err(decode_error),
            Codec::Custom(custom) => custom.decode(payload),
        }
    }

    /// Returns an integer of which this codec's bytes do not tell that it is one.
    ///
    /// Counters are stored as digits, and nobody but a codec knows how those read in it. So a custom
    /// one is not asked: what is written as an integer by serde is read back as one.
    pub(crate) fn opaque_integer<T: Serialize + ?Sized>(&self, value: &T) -> Option<i64> {
        matches!(self, Codec::Custom(_)).then(|| probe::integer(value))?
    }
}

/// Reads a value from the integer that it was written as.
pub(crate) fn from_integer<T: DeserializeOwned>(integer: i64) -> Result<T, Error> {
    probe::from_integer(integer).map_err(decode_error)
}

fn trailing() -> Error {
    Error::new(ErrorKind::Decode, "the stored bytes go on after the value")
}

const NOT_ENCODED: &str = "the value could not be encoded";
const NOT_DECODED: &str = "the stored bytes are not a value of the type asked for";

fn encode_error(source: impl StdError + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Encode, NOT_ENCODED).with_source(source)
}

fn decode_error(source: impl StdError + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Decode, NOT_DECODED).with_source(source)
}

#[cfg(test)]
mod tests;

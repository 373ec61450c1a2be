//! Serializers of the user's own.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserializer, Serialize};

use super::{BoxError, Codec, NOT_DECODED, NOT_ENCODED};
use crate::error::{Error, ErrorKind};

/// Turns values into bytes and back, in a format of the user's own.
///
/// What it reads must be equal to what it wrote, and it must fail, and not guess or panic, for bytes
/// that it did not write: whatever lies in a store is handed to it. It should fail for bytes that go on
/// after the value, too. Nothing, in one or more `Some`, and integers in counters never reach it.
///
/// # Examples
///
/// A format by a crate that knows serde takes two lines:
///
/// ```
/// use cached_core::codec::{AnySlot, AnyValue, BoxError, Codec, Serializer};
/// use cached_core::{Caches, MemoryStore};
///
/// /// MessagePack with structs as lists, without the fields' names.
/// struct Positional;
///
/// impl Serializer for Positional {
///     fn encode(&self, value: &AnyValue<'_>) -> Result<Vec<u8>, BoxError> {
///         Ok(rmp_serde::to_vec(value)?)
///     }
///
///     fn decode(&self, bytes: &[u8], slot: &mut AnySlot<'_>) -> Result<(), BoxError> {
///         Ok(slot.read(&mut rmp_serde::Deserializer::from_read_ref(bytes))?)
///     }
/// }
///
/// let store = MemoryStore::builder().codec(Codec::custom(128, Positional)?).build()?;
/// Caches::builder().store("users", store).install()?;
/// let users = Caches::get("users")?.blocking();
/// users.set("ada", &("Ada", 36))?;
/// assert_eq!(users.get("ada")?, Some(("Ada".to_owned(), 36)));
/// # Ok::<(), cached_core::Error>(())
/// ```
pub trait Serializer: Send + Sync + 'static {
    /// Turns a value into bytes.
    ///
    /// # Errors
    ///
    /// Fails if the value has no form in this format. By hand, that is an error of the kind
    /// [`Encode`](ErrorKind::Encode) with this one as its source.
    fn encode(&self, value: &AnyValue<'_>) -> Result<Vec<u8>, BoxError>;

    /// Reads a value, by calling [`AnySlot::read`] once.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are not a value of the type that is asked for. By hand, that is an error
    /// of the kind [`Decode`](ErrorKind::Decode) with this one as its source.
    fn decode(&self, bytes: &[u8], slot: &mut AnySlot<'_>) -> Result<(), BoxError>;
}

/// A value of any type, to be written by a [`Serializer`]; it is `serde::Serialize`.
pub struct AnyValue<'a>(&'a dyn erased_serde::Serialize);

impl Serialize for AnyValue<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        erased_serde::serialize(self.0, serializer)
    }
}

impl fmt::Debug for AnyValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyValue")
    }
}

type Read<'a> =
    dyn FnMut(&mut dyn erased_serde::Deserializer<'_>) -> Result<(), erased_serde::Error> + 'a;

/// Where a [`Serializer`] puts the value that it reads, of whatever type is asked for.
pub struct AnySlot<'a>(&'a mut Read<'a>);

impl AnySlot<'_> {
    /// Reads the value from a deserializer of serde.
    ///
    /// # Errors
    ///
    /// Fails if the deserializer does, or has something else than a value of the type asked for.
    pub fn read<'de, D: Deserializer<'de>>(&mut self, from: D) -> Result<(), D::Error> {
        let mut from = <dyn erased_serde::Deserializer<'_>>::erase(from);
        (self.0)(&mut from).map_err(D::Error::custom)
    }
}

impl fmt::Debug for AnySlot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnySlot")
    }
}

/// A codec of the user's own, in [`Codec::Custom`].
///
/// Two are equal if they have the same number.
#[derive(Clone)]
pub struct CustomCodec {
    number: u8,
    serializer: Arc<dyn Serializer>,
}

impl Codec {
    /// Makes a codec of a serializer, with a number from 128 to 255.
    ///
    /// The number stands in every entry, and an entry of a number from 128 on is read by the store
    /// whose own codec has that number. To all others it is unreadable: a miss, and replaced. So a
    /// number means one format for all who share a store, and a format that changes gets a new one.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Config`] for a number below 128: those belong to the toolkit.
    pub fn custom(number: u8, serializer: impl Serializer) -> Result<Self, Error> {
        let number = own_number(number, "codec")?;
        Ok(Codec::Custom(CustomCodec { number, serializer: Arc::new(serializer) }))
    }
}

/// Checks the number that somebody gave to something of their own.
pub(super) fn own_number(number: u8, of: &str) -> Result<u8, Error> {
    if number >= 128 {
        return Ok(number);
    }
    let message = format!("the number {number} is not for a {of} of your own; use one from 128 on");
    Err(Error::new(ErrorKind::Config, message))
}

impl CustomCodec {
    /// Returns the number that stands in the entries.
    pub fn number(&self) -> u8 {
        self.number
    }

    pub(super) fn encode<T: Serialize + ?Sized>(&self, value: &T) -> Result<Vec<u8>, Error> {
        self.serializer
            .encode(&AnyValue(&value))
            .map_err(|source| Error::new(ErrorKind::Encode, NOT_ENCODED).with_boxed_source(source))
    }

    pub(super) fn decode<T: DeserializeOwned>(&self, payload: &[u8]) -> Result<T, Error> {
        let mut value = None;
        let mut read = |from: &mut dyn erased_serde::Deserializer<'_>| {
            value = Some(erased_serde::deserialize::<T>(from)?);
            Ok(())
        };
        let decoded = self.serializer.decode(payload, &mut AnySlot(&mut read));
        decoded.map_err(|source| {
            Error::new(ErrorKind::Decode, NOT_DECODED).with_boxed_source(source)
        })?;
        value.ok_or_else(|| Error::new(ErrorKind::Decode, "the serializer has read no value"))
    }
}

impl PartialEq for CustomCodec {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for CustomCodec {}

impl Hash for CustomCodec {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl fmt::Debug for CustomCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CustomCodec").field(&self.number).finish()
    }
}

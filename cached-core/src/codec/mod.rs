//! From values to bytes and back.

mod envelope;
mod nothing;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind};

pub(crate) use envelope::{Envelope, Opened};

/// How a value becomes bytes outside the process.
///
/// Both codecs go through serde. A value reads back equal if its serde form says everything about
/// it; serde itself cannot tell `Some(None)` from `None` *inside* a value, but the toolkit can when
/// the whole value is such an `Option`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// MessagePack, struct fields by name: compact, and old readers skip new fields. The default.
    #[default]
    MessagePack,
    /// JSON: readable by eye; map keys must be text, and a float that is no number is lost.
    Json,
}

impl Codec {
    pub(crate) fn id(self) -> u8 {
        match self {
            Codec::MessagePack => 1,
            Codec::Json => 2,
        }
    }

    pub(crate) fn from_id(id: u8) -> Option<Self> {
        [Codec::MessagePack, Codec::Json].into_iter().find(|codec| codec.id() == id)
    }

    pub(crate) fn encode<T: Serialize + ?Sized>(self, value: &T) -> Result<Encoded, Error> {
        if let Some(depth) = nothing::depth(value) {
            return Ok(Encoded { codec: self, nothing: true, payload: vec![depth] });
        }
        let payload = match self {
            Codec::MessagePack => rmp_serde::to_vec_named(value).map_err(encode_error),
            Codec::Json => serde_json::to_vec(value).map_err(encode_error),
        }?;
        Ok(Encoded { codec: self, nothing: false, payload })
    }

    fn decode<T: DeserializeOwned>(self, payload: &[u8]) -> Result<T, Error> {
        match self {
            Codec::MessagePack => {
                let mut reader = rmp_serde::Deserializer::from_read_ref(payload);
                let value = T::deserialize(&mut reader).map_err(decode_error)?;
                // The reader does not tell where it is, but when it is asked for one thing more and
                // there is not even a marker, then it is at the end.
                match <()>::deserialize(&mut reader) {
                    Err(rmp_serde::decode::Error::InvalidMarkerRead(_)) => Ok(value),
                    _ => Err(trailing()),
                }
            }
            Codec::Json => serde_json::from_slice(payload).map_err(decode_error),
        }
    }
}

/// The bytes of a value, and what is needed to read them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Encoded<B = Vec<u8>> {
    pub(crate) codec: Codec,
    /// The value is nothing in one or more `Some`; the payload is their number.
    pub(crate) nothing: bool,
    pub(crate) payload: B,
}

impl<B: AsRef<[u8]>> Encoded<B> {
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T, Error> {
        match (self.nothing, self.payload.as_ref()) {
            (false, payload) => self.codec.decode(payload),
            (true, &[depth]) => nothing::rebuild(depth).map_err(decode_error),
            (true, _) => Err(trailing()),
        }
    }
}

impl Encoded<&[u8]> {
    pub(crate) fn into_owned(self) -> Encoded {
        let Self { codec, nothing, payload } = self;
        Encoded { codec, nothing, payload: payload.to_vec() }
    }
}

impl Encoded {
    /// Returns the value if it is an integer: counters are stored as plain digits, so that the
    /// store can add to them.
    pub(crate) fn as_integer(&self) -> Option<i64> {
        let integer = || match self.codec {
            // Everything else begins with another marker, a bool or a float too.
            Codec::MessagePack => {
                matches!(self.payload.first()?, 0x00..=0x7f | 0xcc..=0xd3 | 0xe0..=0xff)
                    .then(|| self.codec.decode(&self.payload).ok())?
            }
            Codec::Json => std::str::from_utf8(&self.payload).ok()?.parse().ok(),
        };
        if self.nothing { None } else { integer() }
    }

    /// Reads back what [`as_integer`](Self::as_integer) stored, as `codec` had written it: a type
    /// may be an integer in one codec and something else in another.
    pub(crate) fn from_digits(digits: &[u8], codec: Codec) -> Option<Self> {
        let integer: i64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
        codec.encode(&integer).ok()
    }
}

fn trailing() -> Error {
    Error::new(ErrorKind::Decode, "the stored bytes go on after the value")
}

fn encode_error(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Encode, "the value could not be encoded").with_source(source)
}

fn decode_error(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Decode, "the stored bytes are not a value of the type asked for")
        .with_source(source)
}

#[cfg(test)]
mod tests;

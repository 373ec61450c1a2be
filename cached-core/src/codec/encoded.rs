//! A value as a codec has written it.

use serde::de::DeserializeOwned;

use super::{Codec, decode_error, probe, trailing};
use crate::error::Error;

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
            (true, &[depth]) => probe::nested_nothing(depth).map_err(decode_error),
            (true, _) => Err(trailing()),
        }
    }
}

impl<B: Into<Vec<u8>>> Encoded<B> {
    pub(crate) fn into_owned(self) -> Encoded {
        let Self { codec, nothing, payload } = self;
        Encoded { codec, nothing, payload: payload.into() }
    }
}

impl Encoded {
    /// Returns the value if a built-in codec wrote it as an integer: counters are stored as plain
    /// digits, so that the store can add to them.
    pub(crate) fn as_integer(&self) -> Option<i64> {
        let integer = || match self.codec {
            // Everything else begins with another marker, a bool or a float too.
            Codec::MessagePack => {
                matches!(self.payload.first()?, 0x00..=0x7f | 0xcc..=0xd3 | 0xe0..=0xff)
                    .then(|| self.codec.decode(&self.payload).ok())?
            }
            Codec::Json => std::str::from_utf8(&self.payload).ok()?.parse().ok(),
            Codec::Custom(_) => None,
        };
        if self.nothing { None } else { integer() }
    }
}

/// Reads the digits that counters are stored as.
pub(crate) fn integer_of(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

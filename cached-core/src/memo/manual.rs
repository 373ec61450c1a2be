//! Values whose types only the single call knows: they travel as encoded bytes.
//!
//! Why it is so: `docs/decisions/0006-by-hand.md`.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::layer::{OwnSwitches, Remote};
use super::policy::{Lifetime, Rules};
use super::value_codec::{Look, Seal, Wire};
use crate::clock::Clock;
use crate::codec::{
    Codec, Compression, Encoded, Envelope, Opened, Packing, from_integer, integer_of,
};
use crate::error::{Error, ErrorKind};
use crate::key::TypeNames;
use crate::memo::{Memo, MemoParts};
use crate::store::Store;
use crate::timeout::Timeout;

/// An encoded value and how long it lives.
#[derive(Clone, Debug)]
pub(crate) struct HandValue {
    content: Content,
    timeout: Option<Timeout>,
}

#[derive(Clone, Debug)]
enum Content {
    Encoded(Encoded),
    /// For a codec of which nobody knows how it writes integers.
    Integer(i64),
}

impl HandValue {
    pub(crate) fn encode<T>(value: &T, codec: &Codec, timeout: Timeout) -> Result<Self, Error>
    where
        T: Serialize + ?Sized,
    {
        let content = match codec.opaque_integer(value) {
            Some(integer) => Content::Integer(integer),
            None => Content::Encoded(codec.encode(value)?),
        };
        Ok(Self { content, timeout: Some(timeout) })
    }

    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T, Error> {
        match &self.content {
            Content::Encoded(encoded) => encoded.decode(),
            Content::Integer(integer) => from_integer(*integer),
        }
    }

    /// An integer is stored as its digits, so that the store can add to it, and everything else in
    /// an envelope. That says nothing of the lifetime, which is the store's business here: `touch`
    /// changes it there.
    pub(crate) fn seal(&self, check: u64, compression: &Compression) -> Result<Vec<u8>, Error> {
        let digits = |integer: i64| integer.to_string().into_bytes();
        let value = match &self.content {
            Content::Integer(integer) => return Ok(digits(*integer)),
            Content::Encoded(encoded) => encoded,
        };
        if let Some(integer) = value.as_integer() {
            return Ok(digits(integer));
        }
        let value = value.clone();
        Envelope { created_millis: 0, fresh: Timeout::Never, check, value }.to_bytes(compression)
    }

    /// Reads what is stored under a key.
    ///
    /// Digits count as what the store's codec would write for the integer: a type may be an integer
    /// in one codec and something else in another.
    pub(crate) fn open(bytes: &[u8], check: u64, packing: &Packing) -> Result<Self, Error> {
        let content = match (integer_of(bytes), &packing.codec) {
            (Some(integer), Codec::Custom(_)) => Content::Integer(integer),
            (Some(integer), codec) => Content::Encoded(codec.encode(&integer)?),
            (None, _) => match Envelope::open(bytes, check, 0, packing) {
                Opened::Fresh(encoded, _) => Content::Encoded(encoded.into_owned()),
                Opened::Unreadable(why) => return Err(why),
                Opened::Expired => {
                    let message = "the stored entry was not made by hand, and its time is over";
                    return Err(Error::new(ErrorKind::Decode, message));
                }
            },
        };
        Ok(Self { content, timeout: None })
    }

    fn wire() -> Wire<Self> {
        Wire {
            seal: |value, Seal { packing, check, .. }| value.seal(check, &packing.compression),
            open: |bytes, Look { packing, check, .. }| {
                Self::open(&bytes, check, packing).map(|value| Some((value, Timeout::Never)))
            },
        }
    }

    fn rules() -> Rules<Self> {
        Rules::new().layer(Lifetime::carried(|value: &Self| value.timeout))
    }
}

/// A computation that ended without anything to store.
#[derive(Debug)]
pub(crate) struct NotStored;

/// What all handles of one store share.
pub(crate) struct HandMemo {
    pub(crate) memo: Memo<String, HandValue>,
    pub(crate) store: Arc<dyn Store>,
}

impl HandMemo {
    pub(crate) fn new(
        name: &str,
        clock: &Clock,
        wait_bound: Duration,
        store: Arc<dyn Store>,
    ) -> Self {
        let remote = Remote::new(name, Some(Arc::clone(&store)));
        let memo = Memo::new(MemoParts {
            name: String::new(),
            types: Some(TypeNames::NONE),
            clock: clock.clone(),
            wait_bound,
            memory: None,
            remotes: vec![remote],
            switches: OwnSwitches::default(),
            rules: HandValue::rules(),
            wire: Some(HandValue::wire()),
            copy: |value| Some(value.clone()),
        });
        Self { memo, store }
    }
}

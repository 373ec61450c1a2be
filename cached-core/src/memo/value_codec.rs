//! How the values of a function become entries of stores, and come back.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec::{Envelope, Opened, Packing};
use crate::error::Error;
use crate::timeout::Timeout;

/// How an entry is written, and what stands in it beside its value.
pub(crate) struct Seal<'a> {
    pub(crate) packing: &'a Packing,
    pub(crate) created_millis: u64,
    pub(crate) fresh: Timeout,
    pub(crate) check: u64,
}

/// How an entry is read, of which key and when.
pub(crate) struct Look<'a> {
    pub(crate) packing: &'a Packing,
    pub(crate) check: u64,
    pub(crate) now_millis: u64,
}

type SealFn<V> = fn(&V, Seal<'_>) -> Result<Vec<u8>, Error>;
type OpenFn<V> = fn(Vec<u8>, Look<'_>) -> Result<Option<(V, Timeout)>, Error>;

/// How values become entries of stores and come back.
pub(crate) struct Wire<V> {
    pub(crate) seal: SealFn<V>,
    /// Nothing if the entry's time is over.
    pub(crate) open: OpenFn<V>,
}

impl<V> Clone for Wire<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Wire<V> {}

impl<V: Serialize + DeserializeOwned> Wire<V> {
    pub(super) fn serde() -> Self {
        Self {
            seal: |value, seal| {
                let Seal { packing, created_millis, fresh, check } = seal;
                let value = packing.codec.encode(value)?;
                let envelope = Envelope { created_millis, fresh, check, value };
                envelope.to_bytes(&packing.compression)
            },
            open: |bytes, Look { packing, check, now_millis }| match Envelope::open(
                &bytes, check, now_millis, packing,
            ) {
                Opened::Fresh(encoded, left) => Ok(Some((encoded.decode()?, left))),
                Opened::Expired => Ok(None),
                Opened::Unreadable(why) => Err(why),
            },
        }
    }
}

/// Hides [`Wire`] from the signature of a public trait.
pub struct WireOf<V>(pub(crate) Option<Wire<V>>);

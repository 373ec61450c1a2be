//! Values whose types only the single call knows: they travel as encoded bytes.
//!
//! Why it is so: `docs/decisions/0006-by-hand.md`.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::clock::Clock;
use crate::codec::{Codec, Encoded, Envelope, Opened};
use crate::memo::{Lifetime, Memo, MemoParts, Remote, Rules, Seal, Wire, unreadable};
use crate::registry::OwnSwitches;
use crate::{Error, Store, Timeout};

/// An encoded value and how long it lives.
#[derive(Clone, Debug)]
pub(crate) struct HandValue {
    encoded: Encoded,
    timeout: Option<Timeout>,
}

impl HandValue {
    pub(super) fn new(encoded: Encoded, timeout: Timeout) -> Self {
        Self { encoded, timeout: Some(timeout) }
    }

    pub(super) fn decode<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.encoded.decode()
    }

    /// An integer is stored as its digits, so that the store can add to it, and everything else in
    /// an envelope. That says nothing of the lifetime, which is the store's business here: `touch`
    /// changes it there.
    pub(super) fn seal(&self, check: u64) -> Vec<u8> {
        if let Some(integer) = self.encoded.as_integer() {
            return integer.to_string().into_bytes();
        }
        let value = self.encoded.clone();
        Envelope { created_millis: 0, fresh: Timeout::Never, check, value }.to_bytes()
    }

    /// Reads what is stored under a key; `codec` is the store's.
    pub(super) fn open(bytes: &[u8], check: u64, codec: Codec) -> Option<Self> {
        let encoded = match Encoded::from_digits(bytes, codec) {
            Some(digits) => digits,
            None => match Envelope::open(bytes, check, 0) {
                Opened::Fresh(encoded, _) => encoded.into_owned(),
                Opened::Expired | Opened::Unreadable => return None,
            },
        };
        Some(Self { encoded, timeout: None })
    }

    fn wire(codec: Codec) -> Wire<Self> {
        fn opened(value: Option<HandValue>) -> Result<Option<(HandValue, Timeout)>, Error> {
            value.map(|value| Some((value, Timeout::Never))).ok_or_else(unreadable)
        }
        Wire {
            seal: |value, Seal { check, .. }| Ok(value.seal(check)),
            open: match codec {
                Codec::MessagePack => {
                    |bytes, check, _| opened(Self::open(&bytes, check, Codec::MessagePack))
                }
                Codec::Json => |bytes, check, _| opened(Self::open(&bytes, check, Codec::Json)),
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
    pub(super) memo: Memo<String, HandValue>,
    pub(super) store: Arc<dyn Store>,
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
            types: Some(String::new()),
            clock: clock.clone(),
            wait_bound,
            memory: None,
            remotes: vec![remote],
            switches: OwnSwitches::default(),
            rules: HandValue::rules(),
            wire: Some(HandValue::wire(store.codec())),
            copy: |value| Some(value.clone()),
        });
        Self { memo, store }
    }
}

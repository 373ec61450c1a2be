//! Values whose types only the single call knows: they travel as encoded bytes.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::clock::Clock;
use crate::codec::{Encoded, Envelope, Opened};
use crate::key::StoreKey;
use crate::memo::{
    Fallible, Lifetime, Memo, MemoParts, PlanFor, Remote, Rules, Seal, Wire, WireOf, unreadable,
};
use crate::stats::RemoteCounters;
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

    /// Reads what is stored under a key.
    pub(super) fn read(bytes: Vec<u8>, at: &StoreKey) -> Result<Self, Error> {
        Self::open(&bytes, at.check).ok_or_else(unreadable)
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

    fn open(bytes: &[u8], check: u64) -> Option<Self> {
        let encoded = match Encoded::from_digits(bytes) {
            Some(digits) => digits,
            None => match Envelope::open(bytes, check, 0) {
                Opened::Fresh(encoded, _) => encoded,
                Opened::Expired | Opened::Unreadable => return None,
            },
        };
        Some(Self { encoded, timeout: None })
    }

    fn wire() -> Wire<Self> {
        Wire {
            seal: |value, Seal { check, .. }| Ok(value.seal(check)),
            open: |bytes, check, _| match Self::open(&bytes, check) {
                Some(value) => Ok(Some((value, Timeout::Never))),
                None => Err(unreadable()),
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

/// The plan of all computations by hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HandPlan;

impl PlanFor<Result<HandValue, NotStored>> for HandPlan {
    type Value = HandValue;
    type Shape = Fallible;

    fn copy(self, value: &HandValue) -> Option<HandValue> {
        Some(value.clone())
    }

    fn rules(self) -> Rules<HandValue> {
        HandValue::rules()
    }

    fn wire(self) -> WireOf<HandValue> {
        WireOf(Some(HandValue::wire()))
    }
}

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
        let remote = Remote {
            name: name.to_owned(),
            store: Some(Arc::clone(&store)),
            counters: RemoteCounters::default(),
        };
        let memo = Memo::new(MemoParts {
            name: String::new(),
            clock: clock.clone(),
            wait_bound,
            memory: None,
            remotes: vec![remote],
            rules: HandValue::rules(),
            wire: Some(HandValue::wire()),
        });
        Self { memo, store }
    }
}

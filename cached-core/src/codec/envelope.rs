//! What stands before the payload in a store; the format is in `docs/wire-format.md`.

use std::time::Duration;

use super::{Codec, Encoded};
use crate::Timeout;

/// A byte that MessagePack never uses and UTF-8 cannot contain, so that no bare value looks like it.
const MAGIC: [u8; 2] = [0xc1, b'K'];
const VERSION: u8 = 1;
const FLAG_NOTHING: u8 = 0b0000_0001;
const KNOWN_FLAGS: u8 = FLAG_NOTHING;
const HEADER: usize = 25;
/// Six bytes of milliseconds reach to the year 10889; all ones mean for ever.
const FOREVER: u64 = (1 << 48) - 1;
/// How far the writer's wall clock may be ahead of ours before its entry counts as made up.
const CLOCK_SKEW_MILLIS: u64 = 60_000;

/// A value as it lies in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Envelope<B = Vec<u8>> {
    pub(crate) created_millis: u64,
    pub(crate) fresh: Timeout,
    pub(crate) check: u64,
    pub(crate) value: Encoded<B>,
}

/// What the bytes under a key turned out to be.
#[derive(Debug)]
pub(crate) enum Opened<'a> {
    /// A value, fresh for this much longer.
    Fresh(Encoded<&'a [u8]>, Timeout),
    /// A value whose time is over.
    Expired,
    /// Not ours, damaged, of a format from the future, or of another key.
    Unreadable,
}

impl Envelope {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER + self.value.payload.len());
        out.extend_from_slice(&MAGIC);
        out.push(VERSION);
        out.push(if self.value.nothing { FLAG_NOTHING } else { 0 });
        out.push(self.value.codec.id());
        push_u48(&mut out, self.created_millis.min(FOREVER));
        push_u48(&mut out, fresh_millis(self.fresh));
        out.extend_from_slice(&self.check.to_be_bytes());
        out.extend_from_slice(&self.value.payload);
        out
    }
}

impl<'a> Envelope<&'a [u8]> {
    /// Reads an envelope; `None` when the bytes are not one.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (header, payload) = bytes.split_at_checked(HEADER)?;
        let [m0, m1, version, flags, codec, times @ ..] = header else { return None };
        if [*m0, *m1] != MAGIC || *version != VERSION || flags & !KNOWN_FLAGS != 0 {
            return None;
        }
        let codec = Codec::from_id(*codec)?;
        let fresh = match read_u48(times.get(6..12)?) {
            FOREVER => Timeout::Never,
            millis => Timeout::After(Duration::from_millis(millis)),
        };
        let check = u64::from_be_bytes(times.get(12..20)?.try_into().ok()?);
        let nothing = flags & FLAG_NOTHING != 0;
        let value = Encoded { codec, nothing, payload };
        Some(Self { created_millis: read_u48(times.get(0..6)?), fresh, check, value })
    }

    /// Reads the bytes found under a key, at a time by the wall clock.
    pub(crate) fn open(bytes: &'a [u8], check: u64, now_millis: u64) -> Opened<'a> {
        let Some(envelope) = Self::parse(bytes) else { return Opened::Unreadable };
        if envelope.check != check {
            return Opened::Unreadable;
        }
        match envelope.left(now_millis) {
            Some(left) => Opened::Fresh(envelope.value, left),
            None => Opened::Expired,
        }
    }

    /// Returns how much longer the value is fresh.
    ///
    /// An entry from further in the future than clocks differ was written by a clock that has since
    /// been set back; it would outlive its time by as much, so it counts as expired.
    fn left(&self, now_millis: u64) -> Option<Timeout> {
        if self.created_millis > now_millis.saturating_add(CLOCK_SKEW_MILLIS) {
            return None;
        }
        let Timeout::After(fresh) = self.fresh else { return Some(Timeout::Never) };
        let age = Duration::from_millis(now_millis.saturating_sub(self.created_millis));
        let left = fresh.checked_sub(age)?;
        (!left.is_zero()).then_some(Timeout::After(left))
    }
}

/// Rounds up, so that no lifetime becomes zero.
fn fresh_millis(fresh: Timeout) -> u64 {
    let Timeout::After(fresh) = fresh else { return FOREVER };
    let millis = u64::try_from(fresh.as_nanos().div_ceil(1_000_000)).unwrap_or(FOREVER);
    millis.min(FOREVER - 1)
}

fn push_u48(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_be_bytes()[2..]);
}

fn read_u48(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

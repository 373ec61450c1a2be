//! What stands before the payload in a store; the format is in `docs/wire-format.md`.

use std::borrow::Cow;
use std::time::Duration;

use super::compression::Compression;
use super::encoded::Encoded;
use super::packing::Packing;
use super::{BoxError, Codec, NOT_ENCODED};
use crate::error::{Error, ErrorKind};
use crate::timeout::Timeout;

/// A byte that MessagePack never uses and UTF-8 cannot contain, so that no bare value looks like it.
const MAGIC: [u8; 2] = [0xc1, b'K'];
const VERSION: u8 = 1;
const FLAG_NOTHING: u8 = 0b0000_0001;
const FLAG_COMPRESSED: u8 = 0b0000_0010;
const KNOWN_FLAGS: u8 = FLAG_NOTHING | FLAG_COMPRESSED;
const HEADER: usize = 25;
/// Six bytes of milliseconds reach to the year 10889; all ones mean for ever.
const FOREVER: u64 = (1 << 48) - 1;
/// How far the writer's wall clock may be ahead of ours before its entry counts as made up.
const CLOCK_SKEW_MILLIS: u64 = 60_000;

/// A value on its way into a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) created_millis: u64,
    pub(crate) fresh: Timeout,
    pub(crate) check: u64,
    pub(crate) value: Encoded,
}

/// What stands in front of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    flags: u8,
    codec: u8,
    pub(crate) created_millis: u64,
    pub(crate) fresh: Timeout,
    pub(crate) check: u64,
}

/// What the bytes under a key turned out to be.
#[derive(Debug)]
pub(crate) enum Opened<'a> {
    /// A value, fresh for this much longer.
    Fresh(Encoded<Cow<'a, [u8]>>, Timeout),
    /// A value whose time is over.
    Expired,
    /// Not ours, damaged, of a format from the future, of another key, or made in a way that this store
    /// does not know.
    Unreadable(Error),
}

impl Envelope {
    /// Makes an entry of it.
    ///
    /// # Errors
    ///
    /// Fails if a compressor of the user's own does.
    pub(crate) fn to_bytes(&self, compression: &Compression) -> Result<Vec<u8>, Error> {
        let Encoded { codec, nothing, payload } = &self.value;
        let compressed = if *nothing { Ok(None) } else { compression.compress(payload) };
        let compressed = compressed.map_err(|source| {
            Error::new(ErrorKind::Encode, NOT_ENCODED).with_boxed_source(source)
        })?;
        let flags = match (nothing, &compressed) {
            (true, _) => FLAG_NOTHING,
            (false, Some(_)) => FLAG_COMPRESSED,
            (false, None) => 0,
        };
        let size = compressed.as_ref().map_or(payload.len(), |(_, bytes)| 1 + bytes.len());
        let mut out = Vec::with_capacity(HEADER + size);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&[VERSION, flags, codec.number()]);
        push_u48(&mut out, self.created_millis.min(FOREVER));
        push_u48(&mut out, fresh_millis(self.fresh));
        out.extend_from_slice(&self.check.to_be_bytes());
        match &compressed {
            Some((algorithm, bytes)) => {
                out.push(*algorithm);
                out.extend_from_slice(bytes);
            }
            None => out.extend_from_slice(payload),
        }
        Ok(out)
    }

    /// Reads the bytes found under a key, at a time by the wall clock.
    pub(crate) fn open<'a>(
        bytes: &'a [u8],
        check: u64,
        now_millis: u64,
        packing: &Packing,
    ) -> Opened<'a> {
        let Some((header, payload)) = Header::parse(bytes) else {
            return unreadable("the stored bytes are not an entry");
        };
        if header.check != check {
            return unreadable("the stored entry is of another key");
        }
        let codec = match Codec::built_in(header.codec) {
            Some(codec) => codec,
            None if packing.codec.number() == header.codec => packing.codec.clone(),
            None => {
                return unreadable(format!("the store does not have the codec {}", header.codec));
            }
        };
        let Some(left) = header.left(now_millis) else { return Opened::Expired };
        let nothing = header.flags & FLAG_NOTHING != 0;
        let payload = match header.flags & FLAG_COMPRESSED != 0 {
            false => Ok(Cow::Borrowed(payload)),
            true if nothing => Err(BoxError::from("nothing is never compressed")),
            true => packing.compression.decompress(payload).map(Cow::Owned),
        };
        match payload {
            Ok(payload) => Opened::Fresh(Encoded { codec, nothing, payload }, left),
            Err(source) => {
                let error = Error::new(ErrorKind::Decode, "the entry could not be decompressed");
                Opened::Unreadable(error.with_boxed_source(source))
            }
        }
    }
}

fn unreadable<'a>(why: impl Into<String>) -> Opened<'a> {
    Opened::Unreadable(Error::new(ErrorKind::Decode, why))
}

impl Header {
    /// Reads the bytes before a payload, and returns that too; `None` when they are not a header.
    pub(crate) fn parse(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (header, payload) = bytes.split_at_checked(HEADER)?;
        let [m0, m1, version, flags, codec, times @ ..] = header else { return None };
        if [*m0, *m1] != MAGIC || *version != VERSION || flags & !KNOWN_FLAGS != 0 {
            return None;
        }
        let fresh = match read_u48(times.get(6..12)?) {
            FOREVER => Timeout::Never,
            millis => Timeout::After(Duration::from_millis(millis)),
        };
        let check = u64::from_be_bytes(times.get(12..20)?.try_into().ok()?);
        let created_millis = read_u48(times.get(0..6)?);
        Some((Self { flags: *flags, codec: *codec, created_millis, fresh, check }, payload))
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

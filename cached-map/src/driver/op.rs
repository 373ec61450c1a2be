//! What can be done to a memory, and how it can be set up, both also read from bytes.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use crate::{Bound, EvictionPolicy};

/// What a memory is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) policy: EvictionPolicy,
    pub(crate) bound: Bound,
    pub(crate) shards: usize,
    /// How many different keys there are, and how many different hashes.
    pub(crate) keys: u64,
    pub(crate) hashes: u64,
    pub(crate) listens: bool,
    pub(crate) has_priorities: bool,
}

/// What is to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write {
    pub(crate) key: u64,
    pub(crate) weight: u64,
    pub(crate) priority: u8,
    pub(crate) timeout: Option<Duration>,
}

/// A step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    Insert(Write),
    /// An insert that is prepared before the memory gets another bound, and done afterwards.
    InsertAcrossResize(Write, Bound),
    Update(Write),
    /// An update that changes nothing.
    Leave(u64),
    Get(u64),
    Peek(u64),
    Remove(u64),
    Touch(u64, Option<Duration>),
    Clear,
    Advance(Duration),
    Resize(Bound),
    Maintain,
}

impl Setup {
    /// Reads how a memory is set up; every four bytes mean something.
    pub(crate) fn decode([policy, bound, amount, more]: [u8; 4]) -> Self {
        let policies = EvictionPolicy::ALL;
        Self {
            policy: policies[policy as usize % policies.len()],
            bound: bound_of(bound, amount),
            shards: if more & 1 == 0 { 1 } else { 8 },
            keys: 24,
            hashes: [u64::MAX, u64::MAX, 3, 1][(more >> 1 & 3) as usize],
            listens: more & 8 == 0,
            has_priorities: more & 16 != 0,
        }
    }
}

impl Op {
    /// Reads a step; every four bytes mean something.
    pub(crate) fn decode([kind, key, a, b]: [u8; 4], keys: u64) -> Self {
        // All bits of both, where there are more keys than one byte tells apart.
        let key = (u64::from(key) | u64::from(b) << 8) % keys;
        let write = Write {
            key,
            weight: u64::from(a >> 4) * u64::from(a >> 4),
            priority: [5, 5, 0, 1, 4, 6, 9, 255][(b & 7) as usize],
            timeout: timeout_of(a),
        };
        match kind % 64 {
            0..22 => Op::Insert(write),
            22..24 => Op::InsertAcrossResize(write, bound_of(a, b)),
            24..30 => Op::Update(write),
            30 => Op::Leave(key),
            31..43 => Op::Get(key),
            43 => Op::Peek(key),
            44..49 => Op::Remove(key),
            49..53 => Op::Touch(key, timeout_of(a)),
            53 => Op::Clear,
            54..59 => Op::Advance(Duration::from_millis(u64::from(a % 8))),
            59..61 => Op::Resize(bound_of(a, b)),
            _ => Op::Maintain,
        }
    }
}

/// Returns a bound that is small enough to be reached.
fn bound_of(kind: u8, amount: u8) -> Bound {
    let amount = amount % 32 + 1;
    match kind % 8 {
        0..4 => Bound::Entries(NonZeroUsize::MIN.saturating_add(amount.into())),
        4..7 => Bound::Weight(NonZeroU64::MIN.saturating_add(u64::from(amount) * 16)),
        _ => Bound::Unbounded,
    }
}

fn timeout_of(byte: u8) -> Option<Duration> {
    match byte % 16 {
        0..6 => None,
        more => Some(Duration::from_millis(u64::from(more - 6))),
    }
}

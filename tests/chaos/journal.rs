//! What callers did and saw, to be judged when all is over.

use std::time::Duration;

use cached_kit::{CallOutcome, ObservedCall};

use crate::functions::{Kind, Value};
use crate::time::now;

/// From when to when.
pub(crate) type Span = (Duration, Duration);

/// A call that has returned.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
    pub(crate) ids: Vec<u64>,
    pub(crate) values: Vec<Value>,
    /// Some of it was found in Redis.
    pub(crate) hit: bool,
}

/// A change of an entry, be it that Redis took part or that it missed it.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) kind: Kind,
    pub(crate) id: u64,
    pub(crate) span: Span,
}

#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) calls: Vec<Call>,
    pub(crate) changes: Vec<Change>,
}

impl Journal {
    pub(crate) fn merge(journals: impl IntoIterator<Item = Journal>) -> Journal {
        journals.into_iter().fold(Journal::default(), |mut all, one| {
            all.calls.extend(one.calls);
            all.changes.extend(one.changes);
            all
        })
    }

    /// Notes a call that began at a time and ends now.
    pub(crate) fn called(
        &mut self,
        kind: Kind,
        began: Duration,
        ids: &[u64],
        values: Vec<Value>,
        observed: &[ObservedCall],
    ) {
        let span = (began, now());
        let hit = CallOutcome::Hit { store: "chaos" };
        let hit = observed.iter().any(|call| call.outcome() == hit);
        self.calls.push(Call { kind, span, ids: ids.to_vec(), values, hit });
    }

    /// Notes changes that began at a time and end now.
    pub(crate) fn changed(&mut self, kind: Kind, began: Duration, ids: &[u64]) {
        let span = (began, now());
        self.changes.extend(ids.iter().map(|id| Change { kind, id: *id, span }));
    }
}

//! Whether what callers saw is what they were promised.

use std::fmt;
use std::time::Duration;

use cached_core::BREAKER_FIRST_PAUSE;

use crate::fixture::{OP_TIMEOUT, SLACK};
use crate::functions::{Kind, Value};
use crate::journal::{Call, Change, Journal, Span};
use crate::lag::Lag;
use crate::time::overlap;
use crate::weather::{Outage, Weather};

/// Within which time after an outage Redis is used again; a longer one may take longer.
const RECOVERY: Duration = Duration::from_secs(2);
/// Between the end of a body and the moment from which its value's time counts, a forced call may
/// have to wait for its turn.
const WRITING: Duration = OP_TIMEOUT;

/// All that is known of a run.
pub(crate) struct Evidence {
    pub(crate) journal: Journal,
    pub(crate) weather: Weather,
    pub(crate) lag: Lag,
}

/// What the numbers were.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) calls: usize,
    pub(crate) hits: usize,
    /// Changes after which nothing older may be read.
    pub(crate) changes: usize,
    /// By how much the slowest call exceeded its body, and what of that was the machine.
    pub(crate) longest: Duration,
    pub(crate) lag: Duration,
    pub(crate) slowest_recovery: Duration,
}

impl Evidence {
    /// Returns everything that was not as promised.
    pub(crate) fn violations(&self) -> Vec<String> {
        let calls = self.journal.calls.iter();
        let mut found: Vec<_> = calls.flat_map(|call| self.judge(call)).collect();
        found.extend(self.journal.changes.iter().flat_map(|change| self.outdated(change)));
        let late = self.recoveries().filter(|recovery| !recovery.is_in_time());
        found.extend(late.map(|late| late.to_string()));
        found
    }

    pub(crate) fn figures(&self) -> Figures {
        let calls = &self.journal.calls;
        Figures {
            calls: calls.len(),
            hits: calls.iter().filter(|call| call.hit).count(),
            changes: self.journal.changes.iter().filter(|change| self.binds(change)).count(),
            longest: calls.iter().map(beyond_body).max().unwrap_or_default(),
            lag: self.lag.longest(),
            slowest_recovery: self
                .recoveries()
                .filter_map(|each| each.took)
                .max()
                .unwrap_or_default(),
        }
    }

    /// Looks at one call by itself: the values, their age, and how long it took.
    fn judge(&self, call: &Call) -> Vec<String> {
        let mut found = Vec::new();
        let lag = self.lag.within(call.span);
        if call.ids.len() != call.values.len() {
            found.push(format!("a value for each key: {call:?}"));
        }
        for (id, value) in call.ids.iter().zip(&call.values) {
            if !value.is_of(call.kind, *id) {
                found.push(format!("a value of {:?} {id}: {call:?}", call.kind));
            }
            let age = call.span.0.saturating_sub(value.ended);
            if age > call.kind.timeout() + WRITING + SLACK + lag {
                found.push(format!("it outlived its time, {age:?} old: {call:?}"));
            }
        }
        let beyond = beyond_body(call);
        if beyond > OP_TIMEOUT + SLACK + lag {
            found.push(format!("{beyond:?} over its body, lag {lag:?}: {call:?}"));
        }
        found
    }

    /// Finds calls that began after a change and got what was computed before it.
    fn outdated(&self, change: &Change) -> Vec<String> {
        if !self.binds(change) {
            return Vec::new();
        }
        let later = self
            .journal
            .calls
            .iter()
            .filter(|call| call.kind == change.kind && call.span.0 > change.span.1);
        let got = |call: &&Call| {
            let of_key = |pair: &(&u64, &Value)| *pair.0 == change.id;
            let pairs = call.ids.iter().zip(&call.values).filter(of_key);
            pairs.into_iter().any(|(_, value)| value.began < change.span.0)
        };
        later.filter(got).map(|call| format!("older than {change:?}: {call:?}")).collect()
    }

    /// Tells whether nothing older may be read after a change.
    fn binds(&self, change: &Change) -> bool {
        let (from, to) = change.span;
        self.weather.clear.iter().any(|clear| clear.0 <= from && to <= clear.1)
    }

    /// Returns how long it took from the start and from the end of each outage to the first hit.
    fn recoveries(&self) -> impl Iterator<Item = Recovery<'_>> {
        let Weather { quiet, outages, .. } = &self.weather;
        let before = std::iter::once(None).chain(outages.iter().map(Some));
        let usual = quiet.iter().zip(before).filter(|((from, to), before)| {
            *to - *from >= RECOVERY && before.is_none_or(Outage::is_of_usual_length)
        });
        // What is in memory is not asked for in Redis.
        let kinds = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Stacked);
        usual.flat_map(move |((from, _), after)| {
            kinds.clone().map(move |kind| Recovery {
                kind,
                after,
                took: self.first_hit(kind, *from),
            })
        })
    }

    fn first_hit(&self, kind: Kind, from: Duration) -> Option<Duration> {
        let calls = self.journal.calls.iter();
        let hits = calls.filter(|call| call.kind == kind && call.hit && call.span.0 >= from);
        hits.map(|call| call.span.1 - from).min()
    }
}

/// How a function came to hit again.
struct Recovery<'a> {
    kind: Kind,
    after: Option<&'a Outage>,
    took: Option<Duration>,
}

impl Recovery<'_> {
    fn is_in_time(&self) -> bool {
        // An operation whose answer was held back may fail a little later than the outage ends.
        let late = self.after.is_some_and(|outage| outage.holds_back);
        let bound = if late { RECOVERY + OP_TIMEOUT } else { RECOVERY };
        self.took.is_some_and(|took| took <= bound)
    }
}

impl fmt::Display for Recovery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, after, took } = self;
        match after {
            Some(outage) => write!(f, "after {outage}, {kind:?} hits after {took:?}"),
            None => write!(f, "at first, {kind:?} hits after {took:?}"),
        }
    }
}

impl Outage {
    /// Tells whether the breaker cannot have come to its third pause, which is of four seconds.
    fn is_of_usual_length(&self) -> bool {
        self.span.1 - self.span.0 < (BREAKER_FIRST_PAUSE + 2 * BREAKER_FIRST_PAUSE) * 3 / 4
    }
}

/// Returns how long a call took without the bodies that ran for it meanwhile.
fn beyond_body(call: &Call) -> Duration {
    let mut bodies: Vec<Span> =
        call.values.iter().map(|value| (value.began, value.ended)).collect();
    bodies.sort_unstable();
    let mut at = call.span.0;
    let mut without = call.span.1 - call.span.0;
    for (from, to) in bodies {
        without -= overlap((from.max(at), to), call.span);
        at = at.max(to);
    }
    without
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, hits, changes, longest, lag, slowest_recovery } = self;
        write!(
            f,
            "{calls} calls, {hits} hits, {changes} changes that bind; at most {longest:.1?} over a \
             body, lag up to {lag:.1?}; hits again after {slowest_recovery:.1?} at most"
        )
    }
}

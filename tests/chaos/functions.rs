//! Cached functions whose values tell of which key they are, and when they were computed.

use std::fmt;
use std::time::Duration;

use cached_kit::cached;
use serde::{Deserialize, Serialize};

use crate::time::now;

/// The first keys are called for most often, and take long to compute, so that they are changed
/// meanwhile.
pub(crate) const HOT: u64 = 3;

/// How long a body works.
fn effort(ids: &[u64]) -> Duration {
    let millis = if ids.iter().any(|id| *id < HOT) { 30 } else { 2 };
    Duration::from_millis(millis)
}

/// The functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// Async, over Redis alone.
    Alone,
    /// Async, memory over Redis.
    Stacked,
    /// Sync, over Redis alone.
    Blocking,
    /// Many elements at once, over Redis alone.
    Batch,
}

impl Kind {
    pub(crate) const ALL: [Kind; 4] = [Kind::Alone, Kind::Stacked, Kind::Blocking, Kind::Batch];

    /// Returns how long entries live in the layer where they live longest.
    pub(crate) fn timeout(self) -> Duration {
        match self {
            Kind::Stacked => Duration::from_secs(2),
            _ => Duration::from_secs(1),
        }
    }
}

/// What every function returns.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Value {
    kind: Kind,
    id: u64,
    /// When its computation began and ended.
    pub(crate) began: Duration,
    pub(crate) ended: Duration,
    /// Long for some keys, so that a reply can be cut in the middle.
    copies: Vec<u64>,
}

impl Value {
    fn new(kind: Kind, id: u64, began: Duration) -> Self {
        Self { kind, id, began, ended: now(), copies: copies(id) }
    }

    pub(crate) fn is_of(&self, kind: Kind, id: u64) -> bool {
        (self.kind, self.id) == (kind, id) && self.copies == copies(id)
    }
}

impl fmt::Debug for Value {
    /// Says all but how long it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, id, began, ended, .. } = self;
        write!(f, "{kind:?} {id} of {began:?} to {ended:?}")
    }
}

fn copies(id: u64) -> Vec<u64> {
    vec![id; usize::try_from(id % 8 * 64).unwrap_or_default()]
}

async fn work(kind: Kind, ids: &[u64]) -> Vec<Value> {
    let began = now();
    tokio::time::sleep(effort(ids)).await;
    ids.iter().map(|id| Value::new(kind, *id, began)).collect()
}

async fn work_on_one(kind: Kind, id: u64) -> Value {
    work(kind, &[id]).await.remove(0)
}

#[cached(using = "chaos", timeout = 1, name = "chaos.alone")]
pub(crate) async fn alone(id: u64) -> Value {
    work_on_one(Kind::Alone, id).await
}

#[cached(using = "memory", timeout = "500ms", name = "chaos.stacked")]
#[cached(using = "chaos", timeout = 2)]
pub(crate) async fn stacked(id: u64) -> Value {
    work_on_one(Kind::Stacked, id).await
}

#[cached(using = "chaos", timeout = 1, name = "chaos.blocking")]
pub(crate) fn blocking(id: u64) -> Value {
    let began = now();
    std::thread::sleep(effort(&[id]));
    Value::new(Kind::Blocking, id, began)
}

#[cached(using = "chaos", each = id in ids, timeout = 1, name = "chaos.batch")]
pub(crate) async fn batch(ids: &[u64]) -> Vec<Value> {
    work(Kind::Batch, ids).await
}

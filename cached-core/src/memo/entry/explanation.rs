//! What the layers say about an entry, and what a call would do.

use std::fmt;
use std::time::Duration;

use crate::timeout::Timeout;

/// What `f::entry(..).explain()` found out: the key, and what each layer has under it.
///
/// Its text is for people:
///
/// ```text
/// users::get:id=7
///   memory: absent
///   redis: fresh, 12s old, 48s left
/// a call returns what `redis` has
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// The key's text, as the handle's `key` returns it.
    pub key: String,
    /// The layers, outermost first.
    pub layers: Vec<LayerExplanation>,
    /// Why calls leave the cache alone, if they do.
    pub bypassed: Option<String>,
}

/// What one layer has under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerExplanation {
    /// The store's name.
    pub store: String,
    /// What it has.
    pub state: LayerState,
}

/// What a layer has under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LayerState {
    /// A value that calls get.
    Fresh {
        /// For how long it has been there; `None` if the layer does not know.
        age: Option<Duration>,
        /// For how much longer.
        left: Timeout,
    },
    /// A value whose time is over.
    Expired,
    /// Nothing: it was never stored, or was removed or evicted, or has left after its time.
    Absent,
    /// Something that is not an entry of this key, or not a value of this type.
    Unreadable,
    /// The store did not answer, or has missed a change of the entry and is not read until that is made
    /// up for.
    Unavailable,
    /// No store of that name is installed.
    NotInstalled,
    /// The store is switched off, and was not asked.
    SwitchedOff,
}

impl Explanation {
    /// Returns the name of the store whose value a call returns now; `None` if a call computes.
    pub fn answered_by(&self) -> Option<&str> {
        let fresh =
            self.layers.iter().find(|layer| matches!(layer.state, LayerState::Fresh { .. }));
        fresh.filter(|_| self.bypassed.is_none()).map(|layer| layer.store.as_str())
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.key)?;
        for layer in &self.layers {
            writeln!(f, "  {}: {}", layer.store, layer.state)?;
        }
        match (&self.bypassed, self.answered_by()) {
            (Some(why), _) => write!(f, "a call computes: {why}"),
            (None, Some(store)) => write!(f, "a call returns what `{store}` has"),
            (None, None) => f.write_str("a call computes: no layer has a fresh value"),
        }
    }
}

impl fmt::Display for LayerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fresh { age, left } => {
                f.write_str("fresh")?;
                if let Some(age) = age {
                    write!(f, ", {age:?} old")?;
                }
                match left {
                    Timeout::After(left) => write!(f, ", {left:?} left"),
                    Timeout::Never => f.write_str(", for ever"),
                }
            }
            Self::Expired => f.write_str("expired"),
            Self::Absent => f.write_str("absent"),
            Self::Unreadable => f.write_str("unreadable, and replaced by the next call"),
            Self::Unavailable => f.write_str("the store does not answer"),
            Self::NotInstalled => f.write_str("no such store is installed"),
            Self::SwitchedOff => f.write_str("switched off"),
        }
    }
}

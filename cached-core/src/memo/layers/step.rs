//! What to do next, from what is known: no waiting, no time, no store in here.

use crate::timeout::Timeout;

/// What is known about one remote layer in this call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::memo) enum Seen {
    /// Not asked, because a layer above answered or because the call does not read.
    NotAsked,
    /// It has the value, for this much longer.
    Found(Timeout),
    /// It does not have it.
    Absent,
    /// It could not say: nothing is written to it in this call.
    Unavailable,
}

/// What a call does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask this remote layer.
    Ask(usize),
    /// Return what this remote layer has, and give it to those above.
    Serve(usize),
    /// Compute.
    Compute,
}

/// Decides what a call that missed in memory does next.
pub(super) fn next(seen: &[Seen]) -> Step {
    for (layer, seen) in seen.iter().enumerate() {
        match seen {
            Seen::Found(_) => return Step::Serve(layer),
            Seen::NotAsked => return Step::Ask(layer),
            Seen::Absent | Seen::Unavailable => {}
        }
    }
    Step::Compute
}

/// Returns how long each layer keeps a new value: its own time, but no longer than what lies below
/// it. `None` for a layer that does not keep it; it does not bind those above.
///
/// `own` is outermost first; `below` is what remains in the layer under the last of them.
pub(super) fn lifetimes(own: &[Option<Timeout>], below: Option<Timeout>) -> Vec<Option<Timeout>> {
    let mut ceiling = below.unwrap_or(Timeout::Never);
    let mut out = vec![None; own.len()];
    for (own, out) in own.iter().zip(&mut out).rev() {
        if let Some(own) = own {
            ceiling = ceiling.min(*own);
            *out = Some(ceiling);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn secs(seconds: u64) -> Timeout {
        Timeout::After(Duration::from_secs(seconds))
    }

    #[test]
    fn layers_are_asked_from_the_top_until_one_answers() {
        use Seen::{Absent, Found, NotAsked, Unavailable};
        assert_eq!(next(&[]), Step::Compute);
        assert_eq!(next(&[NotAsked, NotAsked]), Step::Ask(0));
        assert_eq!(next(&[Absent, NotAsked]), Step::Ask(1));
        assert_eq!(next(&[Unavailable, NotAsked]), Step::Ask(1));
        assert_eq!(next(&[Found(secs(1)), NotAsked]), Step::Serve(0));
        assert_eq!(next(&[Absent, Found(secs(1))]), Step::Serve(1));
        assert_eq!(next(&[Absent, Unavailable]), Step::Compute);
    }

    /// bug 27: an upper layer never outlives the one below.
    #[test]
    fn bug_27_a_layer_lives_no_longer_than_what_lies_below_it() {
        let never = Some(Timeout::Never);
        assert_eq!(lifetimes(&[Some(secs(60)), Some(secs(10))], None), [Some(secs(10)); 2]);
        assert_eq!(
            lifetimes(&[Some(secs(5)), Some(secs(10))], None),
            [Some(secs(5)), Some(secs(10))]
        );
        assert_eq!(lifetimes(&[never], Some(secs(3))), [Some(secs(3))], "what remains below");
        assert_eq!(lifetimes(&[Some(secs(60)), never], None), [Some(secs(60)), never]);
        assert_eq!(lifetimes(&[Some(secs(60)), None], None), [Some(secs(60)), None]);
        assert_eq!(lifetimes(&[], Some(secs(1))), []);
    }
}

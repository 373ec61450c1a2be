//! What a call may do with its cache: no waiting, no time, no store in here.
//!
//! Why it is so: `docs/decisions/0009-around-a-call.md`.

use crate::context::{Asked, Mode};

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conduct {
    /// It reads, waits for others, computes, stores.
    Usual,
    /// It computes and replaces what is stored.
    Force,
    /// It reads, and computes for itself what it does not find.
    ReadOnly,
    /// It computes for itself, and stores.
    WriteOnly,
    /// It computes.
    Bypass,
}

/// What is to be known about a call to decide that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances {
    /// The call itself was told to compute.
    pub(crate) forced: bool,
    pub(crate) asked: Asked,
    /// The function is switched off.
    pub(crate) off: bool,
    /// There is a key.
    pub(crate) complete: bool,
}

impl Conduct {
    /// Decides: what is for one call is stronger than what is for many, but for a bypass, which
    /// touches nothing. A function that is off still removes what a forced call makes outdated.
    pub(crate) fn of(circumstances: Circumstances) -> Self {
        let Circumstances { forced, asked, off, complete } = circumstances;
        match asked.mode {
            Mode::Bypass => Self::Bypass,
            _ if !complete => Self::Bypass,
            _ if forced || asked.force => Self::Force,
            Mode::ForceUpdate => Self::Force,
            _ if off => Self::Bypass,
            Mode::Normal => Self::Usual,
            Mode::ReadOnly => Self::ReadOnly,
            Mode::WriteOnly => Self::WriteOnly,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Circumstances = Circumstances {
        forced: false,
        asked: Asked { force: false, mode: Mode::Normal, watched: false },
        off: false,
        complete: true,
    };

    fn by(mode: Mode, change: impl Fn(&mut Circumstances)) -> Conduct {
        let mut circumstances = USUAL;
        circumstances.asked.mode = mode;
        change(&mut circumstances);
        Conduct::of(circumstances)
    }

    const MODES: [Mode; 5] =
        [Mode::Normal, Mode::ForceUpdate, Mode::ReadOnly, Mode::WriteOnly, Mode::Bypass];

    #[test]
    fn a_mode_alone_decides() {
        use Conduct::{Bypass, Force, ReadOnly, Usual, WriteOnly};
        assert_eq!(MODES.map(|m| by(m, |_| {})), [Usual, Force, ReadOnly, WriteOnly, Bypass]);
    }

    #[test]
    fn a_request_for_one_call_is_stronger_but_for_a_bypass() {
        use Conduct::{Bypass, Force};
        let expected = [Force, Force, Force, Force, Bypass];
        assert_eq!(MODES.map(|m| by(m, |call| call.forced = true)), expected);
        assert_eq!(MODES.map(|m| by(m, |call| call.asked.force = true)), expected);
        let off = |call: &mut Circumstances| (call.forced, call.off) = (true, true);
        assert_eq!(MODES.map(|m| by(m, off)), expected, "it removes");
    }

    #[test]
    fn a_function_that_is_off_or_has_no_key_computes() {
        use Conduct::{Bypass, Force};
        let off = [Bypass, Force, Bypass, Bypass, Bypass];
        assert_eq!(MODES.map(|m| by(m, |call| call.off = true)), off);
        let none = |call: &mut Circumstances| (call.forced, call.complete) = (true, false);
        assert_eq!(MODES.map(|m| by(m, none)), [Bypass; 5]);
    }
}

//! Until when the future that a thread polls is waited for.

use std::cell::Cell;

use super::Tick;

thread_local! {
    static LIMIT: Cell<Tick> = const { Cell::new(Tick::NEVER) };
}

/// Returns until when, by the system's clock, the future is waited for that the calling thread polls.
///
/// A future that waits is dropped then. A store that blocks the thread instead
/// ([`blocking_caller`](crate::blocking_caller)) cannot be, and has to end by itself.
pub fn waited_until() -> Tick {
    LIMIT.get()
}

/// Polls what is not waited for any longer than this.
pub(super) fn waiting_until<T>(limit: Tick, poll: impl FnOnce() -> T) -> T {
    struct Restore(Tick);
    impl Drop for Restore {
        fn drop(&mut self) {
            LIMIT.set(self.0);
        }
    }
    let outer = LIMIT.get();
    let _restore = Restore(outer);
    LIMIT.set(outer.min(limit));
    poll()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::{Clock, ManualClock, within};

    #[test]
    fn what_is_polled_knows_the_shortest_limit_around_it() {
        let clock = Clock::system();
        let (soon, later) = (60, 90);
        let after = |seconds| clock.now().after(Duration::from_secs(seconds));
        let (soon, later) = (after(soon), after(later));
        let seen = crate::block_on(within(&clock, soon, async {
            within(&clock, later, async { waited_until() }).await
        }));
        assert_eq!(seen, Some(Some(soon)));
        assert_eq!(waited_until(), Tick::NEVER);
    }

    #[test]
    fn a_limit_on_a_clock_that_is_moved_by_hand_says_nothing() {
        let clock = ManualClock::new().clock();
        let limit = clock.now().after(Duration::from_secs(1));
        let seen = crate::block_on(within(&clock, limit, async { waited_until() }));
        assert_eq!(seen, Some(Tick::NEVER));
    }
}

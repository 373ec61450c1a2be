//! Wakers that contain their panics. A task is woken by the thread of another call, or by the timer
//! of the process, and neither may suffer for a waker that panics.

use std::sync::Arc;
use std::task::{Wake, Waker};

use crate::unwind::contain;

/// Wakes a task.
pub(super) fn wake(waker: Waker) {
    contain(|| waker.wake());
}

/// The waker of a task; `None` while it is being dropped.
struct Contained(Option<Waker>);

impl Wake for Contained {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(waker) = &self.0 {
            contain(|| waker.wake_by_ref());
        }
    }
}

impl Drop for Contained {
    fn drop(&mut self) {
        let waker = self.0.take();
        contain(|| drop(waker));
    }
}

/// The waker that a waiting task hands out. It stays the same between polls, because lists of waiting
/// tasks compare wakers.
#[derive(Default)]
pub(super) struct Shield(Option<(Arc<Contained>, Waker)>);

impl Shield {
    /// Returns a waker that wakes the same task as `waker` and does not panic.
    pub(super) fn of<'w>(&'w mut self, waker: &'w Waker) -> &'w Waker {
        if waker.will_wake(Waker::noop()) {
            return waker;
        }
        let wakes = |(own, _): &(Arc<Contained>, _)| {
            own.0.as_ref().is_some_and(|known| known.will_wake(waker))
        };
        if !self.0.as_ref().is_some_and(wakes) {
            self.0 = None;
        }
        let (_, shielded) = self.0.get_or_insert_with(|| {
            let own = Arc::new(Contained(Some(waker.clone())));
            let shielded = Waker::from(Arc::clone(&own));
            (own, shielded)
        });
        shielded
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Counted(AtomicUsize);

    impl Wake for Counted {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_shield_stays_the_same_for_one_task_and_changes_with_it() {
        let tasks = [(); 2].map(|()| Arc::new(Counted::default()));
        let wakers = tasks.each_ref().map(|task| Waker::from(Arc::clone(task)));
        let mut shield = Shield::default();
        let first = shield.of(&wakers[0]).clone();
        assert!(first.will_wake(shield.of(&wakers[0])));
        first.wake_by_ref();
        assert!(!first.will_wake(shield.of(&wakers[1])));
        shield.of(&wakers[1]).wake_by_ref();
        assert_eq!(tasks.each_ref().map(|task| task.0.load(Ordering::SeqCst)), [1, 1]);
        drop((first, shield, wakers));
        assert_eq!(tasks.each_ref().map(Arc::strong_count), [1, 1], "nothing is kept");
    }
}

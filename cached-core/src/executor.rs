//! Running a future on the calling thread, for sync functions.
//!
//! Why it is so: `docs/decisions/0001-one-driver.md`.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

thread_local! {
    static BLOCKED: Cell<bool> = const { Cell::new(false) };
}

/// Tells whether the calling thread is blocked until the future that it polls is done.
///
/// A store must then not rely on the runtime that the thread belongs to: a current-thread runtime
/// drives nothing while its thread is blocked.
pub fn blocking_caller() -> bool {
    BLOCKED.get()
}

/// Runs a future to its end on the calling thread.
///
/// It needs no runtime and may be nested; the blocking handles and sync annotated functions are
/// made with it.
///
/// # Examples
///
/// ```
/// assert_eq!(cached_core::block_on(async { 40 + 2 }), 42);
/// ```
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    // Most calls are done at once, so the first poll does without a parker.
    if let Poll::Ready(output) =
        blocked(|| future.as_mut().poll(&mut Context::from_waker(Waker::noop())))
    {
        return output;
    }
    let parker = Arc::new(Parker::default());
    let waker = Waker::from(Arc::clone(&parker));
    loop {
        if let Poll::Ready(output) =
            blocked(|| future.as_mut().poll(&mut Context::from_waker(&waker)))
        {
            return output;
        }
        parker.wait();
    }
}

/// Runs the user's code, which is on its own again: a store used in there by an async runtime that
/// it starts is not blocked by us.
pub(crate) fn unblocked<T>(run: impl FnOnce() -> T) -> T {
    with_flag(false, run)
}

fn blocked<T>(run: impl FnOnce() -> T) -> T {
    with_flag(true, run)
}

fn with_flag<T>(flag: bool, run: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            BLOCKED.set(self.0);
        }
    }
    let _restore = Restore(BLOCKED.replace(flag));
    run()
}

/// What a thread waits on. Not `std::thread::park`: a thread has one token for that, and the executor
/// that polls the caller may wait for it, too.
#[derive(Default)]
struct Parker {
    woken: Mutex<bool>,
    changed: Condvar,
}

impl Parker {
    fn wait(&self) {
        let mut woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        while !std::mem::take(&mut *woken) {
            woken = self.changed.wait(woken).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *woken, true);
        drop(woken);
        if !before {
            self.changed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread::Thread;

    use super::*;

    #[test]
    fn a_nested_call_knows_that_it_blocks_and_user_code_does_not() {
        assert!(!blocking_caller());
        let seen = block_on(async {
            let inside = blocking_caller();
            let user = unblocked(|| (blocking_caller(), block_on(async { blocking_caller() })));
            (inside, user, blocking_caller())
        });
        assert_eq!(seen, (true, (false, true), true));
        assert!(!blocking_caller());
    }

    #[test]
    fn the_flag_is_restored_after_a_panic() {
        let outcome = std::panic::catch_unwind(|| block_on(async { panic!("in the body") }));
        assert!(outcome.is_err());
        assert!(!blocking_caller());
    }

    #[test]
    fn a_wake_from_another_thread_is_not_lost() {
        for _ in 0..200 {
            let (tx, rx) = std::sync::mpsc::channel::<Waker>();
            let done = Arc::new(AtomicBool::new(false));
            let setter = std::thread::spawn({
                let done = Arc::clone(&done);
                move || {
                    let waker = rx.recv().unwrap();
                    done.store(true, Ordering::Release);
                    waker.wake();
                }
            });
            let mut sent = 0;
            block_on(std::future::poll_fn(|cx| {
                if done.load(Ordering::Acquire) {
                    return Poll::Ready(());
                }
                sent += 1;
                // The first poll has no waker that could work; the second one has.
                if sent == 2 {
                    tx.send(cx.waker().clone()).unwrap();
                }
                Poll::Pending
            }));
            setter.join().unwrap();
        }
    }

    /// An executor as simple as the one in the documentation of `std::task::Wake`: a thread that
    /// parks until it is unparked.
    fn simple_block_on<F: Future>(future: F) -> F::Output {
        struct Unparks(Thread);
        impl Wake for Unparks {
            fn wake(self: Arc<Self>) {
                self.0.unpark();
            }
        }
        let waker = Waker::from(Arc::new(Unparks(std::thread::current())));
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
            std::thread::park();
        }
    }

    /// Wakes that reach the thread while it waits in here are for the executor that it runs, too.
    #[test]
    fn a_wake_of_the_executor_that_runs_the_caller_is_not_taken_away() {
        let (done, finished) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for _ in 0..200 {
                simple_block_on(waits_in_a_blocking_call());
            }
            let _ = done.send(());
        });
        let limit = std::time::Duration::from_secs(30);
        assert_eq!(finished.recv_timeout(limit), Ok(()), "the executor was not woken");
    }

    /// A future that is woken once, while it blocks its thread for something else.
    async fn waits_in_a_blocking_call() {
        let mut begun = false;
        std::future::poll_fn(move |cx| {
            if begun {
                return Poll::Ready(());
            }
            begun = true;
            let (tx, rx) = std::sync::mpsc::channel::<Waker>();
            let outer = cx.waker().clone();
            let done = Arc::new(AtomicBool::new(false));
            let setter = std::thread::spawn({
                let done = Arc::clone(&done);
                move || {
                    let inner = rx.recv().unwrap();
                    outer.wake();
                    (0..100).for_each(|_| std::thread::yield_now());
                    done.store(true, Ordering::Release);
                    inner.wake();
                }
            });
            let mut polls = 0;
            block_on(std::future::poll_fn(|cx| {
                polls += 1;
                if polls == 2 {
                    tx.send(cx.waker().clone()).unwrap();
                }
                if done.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
            }));
            setter.join().unwrap();
            Poll::Pending
        })
        .await;
    }
}

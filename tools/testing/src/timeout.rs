//! A limit on real time for code that might hang.

use std::panic;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Runs `f` in a thread of its own and returns its result, at the latest after `limit`.
///
/// `name` is the thread's name and appears in the messages. A thread cannot be stopped from
/// outside, so an `f` that exceeds the limit keeps running until the test process ends.
///
/// # Panics
///
/// Panics when `f` is not done within `limit`, and with `f`'s own panic when `f` panics.
#[track_caller]
#[allow(clippy::panic, reason = "the documented way to fail a test")]
pub fn hard_timeout<T: Send + 'static>(
    limit: Duration,
    name: &str,
    f: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (done, finished) = channel();
    let run = move || {
        let value = f();
        // The receiver is gone when the limit has passed.
        let _ = done.send(());
        value
    };
    let thread = match thread::Builder::new().name(name.to_owned()).spawn(run) {
        Ok(thread) => thread,
        Err(error) => panic!("no thread could be started for `{name}`: {error}"),
    };
    // A panic in `f` drops the sender, so it arrives as a disconnect and the join below is short.
    if finished.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
        panic!("`{name}` was not done within {limit:?}; it hangs, or the limit is too short");
    }
    thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message_of<T>(result: thread::Result<T>) -> String {
        let Err(panic) = result else { panic!("it did not panic") };
        match panic.downcast::<String>() {
            Ok(message) => *message,
            Err(panic) => (*panic.downcast::<&str>().unwrap()).to_owned(),
        }
    }

    #[test]
    fn returns_what_the_closure_returns() {
        assert_eq!(hard_timeout(Duration::from_secs(10), "sum", || 1 + 2), 3);
    }

    #[test]
    fn fails_when_the_closure_hangs() {
        let result = panic::catch_unwind(|| {
            let (_never, forever) = channel::<()>();
            hard_timeout(Duration::from_millis(50), "stuck", move || forever.recv().is_ok())
        });
        let message = message_of(result);
        assert!(message.starts_with("`stuck` was not done within 50ms"), "{message}");
    }

    #[test]
    fn passes_on_the_panic_of_the_closure() {
        let result = panic::catch_unwind(|| {
            hard_timeout(Duration::from_secs(10), "broken", || -> u8 { panic!("its own words") })
        });
        assert_eq!(message_of(result), "its own words");
    }
}

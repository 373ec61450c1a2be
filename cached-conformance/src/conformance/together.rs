//! Running work at the same time, on one executor and on threads.

use std::future::{Future, poll_fn};
use std::panic::resume_unwind;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use event_listener::Event;

use super::failure::{Fault, Outcome};
use cached_core::block_on;

pub(super) type Work = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Runs work `threads` times on threads that block meanwhile and `tasks` times on the calling
/// executor, all at once; `work` is given numbers from 0.
pub(super) async fn everywhere(
    threads: usize,
    tasks: usize,
    work: impl Fn(usize) -> Work,
) -> Outcome {
    let mut all: Vec<Work> = vec![Box::pin(on_threads((0..threads).map(&work).collect()))];
    all.extend((threads..threads + tasks).map(&work));
    concurrently(all).await
}

/// Polls futures in turn until all are done, or one has found a fault.
pub(super) async fn concurrently<F>(futures: Vec<F>) -> Outcome
where
    F: Future<Output = Outcome> + Unpin,
{
    let mut waiting = futures;
    poll_fn(move |cx| {
        let mut outcome = Ok(());
        waiting.retain_mut(|future| match Pin::new(future).poll(cx) {
            Poll::Pending => true,
            Poll::Ready(done) => {
                outcome = std::mem::replace(&mut outcome, Ok(())).and(done);
                false
            }
        });
        match (outcome, waiting.is_empty()) {
            (Ok(()), false) => Poll::Pending,
            (outcome, _) => Poll::Ready(outcome),
        }
    })
    .await
}

/// Blocks a thread for each piece of work. The calling thread is left free: it may have to drive the store.
async fn on_threads(all: Vec<Work>) -> Outcome {
    let pending = Arc::new(Pending { count: AtomicUsize::new(all.len()), changed: Event::new() });
    let mut threads = Vec::new();
    for work in all {
        let done = Done(Arc::clone(&pending));
        let run = move || {
            let _done = done;
            block_on(work)
        };
        let thread = std::thread::Builder::new().name("cached-check".to_owned()).spawn(run);
        threads.push(thread.map_err(|error| Fault::new(format!("no thread started: {error}")))?);
    }
    loop {
        let changed = pending.changed.listen();
        if pending.count.load(Ordering::Acquire) == 0 {
            break;
        }
        changed.await;
    }
    let outcomes = threads
        .into_iter()
        .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
    outcomes.collect()
}

struct Pending {
    count: AtomicUsize,
    changed: Event,
}

/// Counts down when a thread ends, also by a panic.
struct Done(Arc<Pending>);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::AcqRel);
        self.0.changed.notify(usize::MAX);
    }
}

/// Polls a future a number of times and drops it, unless it is done before.
pub(super) async fn polled<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        if let Poll::Ready(value) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(value));
        }
        // The future may wait for another thread, so the next poll must not depend on its waker.
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

//! Whether this machine let us run: what it took away from us is not the cache's doing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::time::{now, overlap};

const TICK: Duration = Duration::from_millis(5);
/// Timers are coarse: what comes later than this was kept from running.
const USUAL: Duration = Duration::from_millis(3);

/// When something that was to run did not, from and to.
type Late = Vec<(Duration, Duration)>;

/// A task and a thread that do nothing but tick.
pub(crate) struct Watch {
    stop: Arc<AtomicBool>,
    late: Arc<Mutex<Late>>,
    thread: JoinHandle<()>,
    task: tokio::task::JoinHandle<()>,
}

/// When the machine did not let us run.
pub(crate) struct Lag(Late);

impl Watch {
    pub(crate) fn start(runtime: &Runtime) -> Self {
        let (stop, late) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::default()));
        let ticker = || Ticker { stop: Arc::clone(&stop), late: Arc::clone(&late), due: now() };
        let (mut mine, mut theirs) = (ticker(), ticker());
        let thread = thread::spawn(move || {
            while let Some(wait) = mine.tick() {
                thread::sleep(wait);
            }
        });
        let task = runtime.spawn(async move {
            while let Some(wait) = theirs.tick() {
                tokio::time::sleep(wait).await;
            }
        });
        Self { stop, late, thread, task }
    }

    pub(crate) fn stop(self, runtime: &Runtime) -> Lag {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
        runtime.block_on(self.task).unwrap();
        Lag(std::mem::take(&mut *self.late.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

struct Ticker {
    stop: Arc<AtomicBool>,
    late: Arc<Mutex<Late>>,
    due: Duration,
}

impl Ticker {
    /// Notes how late it is, and returns how long to wait for the next tick.
    fn tick(&mut self) -> Option<Duration> {
        let now = now();
        if now > self.due + USUAL {
            self.late.lock().unwrap_or_else(PoisonError::into_inner).push((self.due, now));
        }
        self.due = now + TICK;
        (!self.stop.load(Ordering::Relaxed)).then_some(TICK)
    }
}

impl Lag {
    /// Returns how much was taken from what went on at that time, from the runtime and from threads:
    /// a call may have to wait for both.
    pub(crate) fn within(&self, span: (Duration, Duration)) -> Duration {
        self.0.iter().map(|late| overlap(*late, span)).sum()
    }

    pub(crate) fn longest(&self) -> Duration {
        self.0.iter().map(|(from, to)| *to - *from).max().unwrap_or_default()
    }
}

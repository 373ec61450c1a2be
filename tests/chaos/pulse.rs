//! How a store was doing, to explain why it was not used.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cached_kit::{Health, RedisStore};

use crate::time::now;

const TICK: Duration = Duration::from_millis(5);

/// A thread that looks at a store again and again.
pub(crate) struct Watch {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Pulse>,
}

/// What changed, and when.
#[derive(Default)]
pub(crate) struct Pulse(Vec<(Duration, Health)>);

impl Watch {
    pub(crate) fn start(store: RedisStore) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut pulse = Pulse::default();
            while !stopped.load(Ordering::Relaxed) {
                pulse.note(store.health());
                thread::sleep(TICK);
            }
            pulse
        });
        Self { stop, thread }
    }

    /// Lets go of the store.
    pub(crate) fn stop(self) -> Pulse {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

impl Pulse {
    fn note(&mut self, health: Health) {
        let known = self.0.last().map(|last| last.1);
        // That the time until the next attempt gets shorter is no news, but that it gets longer is.
        let same = match (known, health) {
            (Some(Health::Down { retry_in: was }), Health::Down { retry_in }) => retry_in <= was,
            (known, health) => known == Some(health),
        };
        match self.0.last_mut() {
            Some(last) if same => last.1 = health,
            _ => self.0.push((now(), health)),
        }
    }
}

impl fmt::Display for Pulse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the breaker:")?;
        self.0.iter().try_for_each(|(at, health)| write!(f, " {at:.3?} {health:?},"))
    }
}

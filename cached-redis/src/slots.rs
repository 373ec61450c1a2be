//! Which connection serves the calling thread.

use std::collections::HashMap;
use std::future::Future;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use cached_core::{Error, blocking_caller};
use tokio::runtime::{Handle, Id};
use tokio::sync::oneshot;

use crate::connection::{Slot, Target};
use crate::error;
use crate::runtime::{IoThread, Remote};

/// The connections of a store: one for each runtime that uses it, and one for all other callers.
pub(crate) struct Slots {
    target: Arc<Target>,
    table: Arc<Table>,
}

struct Table(Mutex<Places>);

#[derive(Default)]
struct Places {
    runtimes: HashMap<Id, Place>,
    thread: Option<IoThread>,
    closed: bool,
}

/// How a runtime is served, and what ends its guard when the store goes first.
struct Place {
    /// `None`: the runtime has no timers or no I/O, so the store's thread does the work.
    slot: Option<Arc<Slot>>,
    token: Arc<()>,
    _guard: oneshot::Sender<()>,
}

impl Slots {
    pub(crate) fn new(target: Target) -> Self {
        Self { target: Arc::new(target), table: Arc::new(Table(Mutex::default())) }
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// Runs work with the connection of the polling thread's runtime, or on the store's thread.
    ///
    /// It decides when it is first polled, so it does not matter where it was called.
    pub(crate) async fn run<T, F>(
        &self,
        work: impl FnOnce(Arc<Slot>) -> F + Send,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        if let Some(slot) = self.of_this_runtime()? {
            return work(slot).await;
        }
        // Boxed, because every operation would carry the room for it along.
        Box::pin(self.run_on_the_thread(work)).await
    }

    async fn run_on_the_thread<T, F>(
        &self,
        work: impl FnOnce(Arc<Slot>) -> F + Send,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let (slot, handle) = self.of_the_thread()?;
        match Remote::start(&handle, work(slot)).await {
            Some(outcome) => outcome,
            None if self.table.lock().closed => Err(error::closed(&self.target.address)),
            None => Err(error::lost(&self.target.address)),
        }
    }

    /// Ends all connections and the thread, and returns what is ready when the thread has ended.
    pub(crate) fn close(&self) -> Option<oneshot::Receiver<()>> {
        let places = {
            let mut places = self.table.lock();
            let closed = Places { closed: true, ..Places::default() };
            std::mem::replace(&mut *places, closed)
        };
        for slot in places.runtimes.values().filter_map(|place| place.slot.as_ref()) {
            slot.close();
        }
        places.thread.map(IoThread::stop)
    }

    fn of_this_runtime(&self) -> Result<Option<Arc<Slot>>, Error> {
        let closed = || error::closed(&self.target.address);
        let handle = match Handle::try_current() {
            Ok(handle) if !blocking_caller() => handle,
            _ => return Ok(None),
        };
        let id = handle.id();
        {
            let places = self.table.lock();
            if places.closed {
                return Err(closed());
            }
            if let Some(place) = places.runtimes.get(&id) {
                return Ok(place.slot.clone());
            }
        }
        let slot = has_drivers().then(|| Slot::new(Arc::clone(&self.target), handle.clone()));
        let (stop, stopped) = oneshot::channel();
        let token = Arc::new(());
        let guard = Guard { table: Arc::downgrade(&self.table), id, token: Arc::clone(&token) };
        {
            let mut places = self.table.lock();
            if places.closed {
                return Err(closed());
            }
            if let Some(place) = places.runtimes.get(&id) {
                return Ok(place.slot.clone());
            }
            places.runtimes.insert(id, Place { slot: slot.clone(), token, _guard: stop });
        }
        // Not under the lock: a runtime that shuts down drops the task, and the guard, at once.
        handle.spawn(async move {
            let _guard = guard;
            let _ = stopped.await;
        });
        Ok(slot)
    }

    fn of_the_thread(&self) -> Result<(Arc<Slot>, Handle), Error> {
        let mut places = self.table.lock();
        if places.closed {
            return Err(error::closed(&self.target.address));
        }
        if places.thread.is_none() {
            places.thread = Some(IoThread::start(Arc::clone(&self.target))?);
        }
        let place = places.thread.as_ref().map(IoThread::place);
        place.ok_or_else(|| error::lost(&self.target.address))
    }
}

impl Table {
    fn lock(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lives in a task of a runtime, so that the runtime's end takes its connection off the table
/// (bugs 57 and 58). It keeps the store alive no longer than its users do.
struct Guard {
    table: Weak<Table>,
    id: Id,
    token: Arc<()>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Some(table) = self.table.upgrade() else { return };
        let mut places = table.lock();
        // A runtime's id can be used again after its end.
        let ours = |place: &Place| Arc::ptr_eq(&place.token, &self.token);
        let place = if places.runtimes.get(&self.id).is_some_and(ours) {
            places.runtimes.remove(&self.id)
        } else {
            None
        };
        drop(places);
        drop(place);
    }
}

/// Tells whether the current runtime has timers and I/O. There is no question for it in tokio, and
/// without them it panics, so it is tried once for each runtime.
fn has_drivers() -> bool {
    catch_unwind(|| {
        drop(tokio::time::sleep(std::time::Duration::ZERO));
        #[cfg(unix)]
        drop(tokio::net::UnixDatagram::unbound());
    })
    .is_ok()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Weak};

    use tokio::runtime::Builder;

    use crate::RedisStore;

    // Bugs 57 and 58.
    #[test]
    fn a_runtime_that_ended_leaves_nothing_in_the_table() {
        let store = RedisStore::connect("redis://127.0.0.1:1").build().unwrap();
        let table = store.slots().table.clone();
        for workers in [0, 2] {
            let mut builder = match workers {
                0 => Builder::new_current_thread(),
                _ => Builder::new_multi_thread(),
            };
            for _ in 0..10 {
                let runtime = builder.enable_all().build().unwrap();
                let _ = runtime.block_on(store.ping());
                let slot: Weak<_> = table
                    .lock()
                    .runtimes
                    .values()
                    .find_map(|place| place.slot.as_ref().map(Arc::downgrade))
                    .unwrap();
                assert!(slot.upgrade().is_some());
                drop(runtime);
                assert!(table.lock().runtimes.is_empty());
                assert!(slot.upgrade().is_none());
            }
        }
    }
}

//! Which connections serve the calling thread.

use std::collections::HashMap;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use cached_core::{Tick, blocking_caller};
use redis::Value;
use tokio::runtime::{Handle, Id};
use tokio::sync::oneshot;

use crate::connector::Connector;
use crate::failure::Failure;
use crate::lanes::Lanes;
use crate::net::Role;
use crate::pool::Pool;
use crate::request::{Ask, Repeat};
use crate::runtime::{IoThread, Remote};

/// The connections of a store: some for each runtime that uses it, and some for all other callers.
pub(crate) struct Slots {
    connector: Arc<Connector>,
    pool: Arc<Pool>,
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
    lanes: Option<Arc<Lanes>>,
    token: Arc<()>,
    _guard: oneshot::Sender<()>,
}

impl Slots {
    pub(crate) fn new(connector: Connector) -> Self {
        let connector = Arc::new(connector);
        let pool = Pool::new(Arc::clone(&connector));
        Self { connector, pool, table: Arc::new(Table(Mutex::default())) }
    }

    pub(crate) fn connector(&self) -> &Arc<Connector> {
        &self.connector
    }

    /// Sends a request with a connection of the polling thread's runtime, on the thread itself if it
    /// blocks, or by the store's thread.
    ///
    /// It decides when it is first polled, so it does not matter where it was called.
    pub(crate) async fn query(
        &self,
        ask: &impl Ask,
        role: Role,
        repeat: Repeat,
        deadline: Tick,
    ) -> Result<Value, Failure> {
        // As the builder says: who blocks has no connections to replicas.
        let role = if blocking_caller() { Role::Primary } else { role };
        if blocking_caller() && self.connector.is_ours() {
            let (_, handle) = self.of_the_thread()?;
            return self.pool.query(&handle, ask, repeat, deadline);
        }
        if let Some(lanes) = self.of_this_runtime()? {
            return lanes.query(ask, role, repeat, deadline).await;
        }
        // Boxed, because every operation would carry the room for it along.
        Box::pin(self.query_on_the_thread(ask, role, repeat, deadline)).await
    }

    async fn query_on_the_thread(
        &self,
        ask: &impl Ask,
        role: Role,
        repeat: Repeat,
        deadline: Tick,
    ) -> Result<Value, Failure> {
        let (lanes, handle) = self.of_the_thread()?;
        let request = ask.request().into_owned();
        let work = async move { lanes.query(&request, role, repeat, deadline).await };
        match Remote::start(&handle, work).await {
            Some(outcome) => outcome,
            None if self.table.lock().closed => Err(Failure::Closed),
            None => Err(Failure::RuntimeEnded),
        }
    }

    /// Ends all connections and the thread, and returns what is ready when the thread has ended.
    pub(crate) fn close(&self) -> Option<oneshot::Receiver<()>> {
        let places = {
            let mut places = self.table.lock();
            let closed = Places { closed: true, ..Places::default() };
            std::mem::replace(&mut *places, closed)
        };
        for lanes in places.runtimes.values().filter_map(|place| place.lanes.as_ref()) {
            lanes.close();
        }
        self.pool.close();
        places.thread.map(IoThread::stop)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.table.lock().closed
    }

    fn of_this_runtime(&self) -> Result<Option<Arc<Lanes>>, Failure> {
        let handle = match Handle::try_current() {
            Ok(handle) if !blocking_caller() => handle,
            _ => return Ok(None),
        };
        let id = handle.id();
        {
            let places = self.table.lock();
            if places.closed {
                return Err(Failure::Closed);
            }
            if let Some(place) = places.runtimes.get(&id) {
                return Ok(place.lanes.clone());
            }
        }
        let lanes = has_drivers().then(|| Lanes::new(&self.connector, &handle));
        let (stop, stopped) = oneshot::channel();
        let token = Arc::new(());
        let guard = Guard { table: Arc::downgrade(&self.table), id, token: Arc::clone(&token) };
        {
            let mut places = self.table.lock();
            if places.closed {
                return Err(Failure::Closed);
            }
            if let Some(place) = places.runtimes.get(&id) {
                return Ok(place.lanes.clone());
            }
            places.runtimes.insert(id, Place { lanes: lanes.clone(), token, _guard: stop });
        }
        // Not under the lock: a runtime that shuts down drops the task, and the guard, at once.
        handle.spawn(async move {
            let _guard = guard;
            let _ = stopped.await;
        });
        Ok(lanes)
    }

    fn of_the_thread(&self) -> Result<(Arc<Lanes>, Handle), Failure> {
        let mut places = self.table.lock();
        if places.closed {
            return Err(Failure::Closed);
        }
        if places.thread.is_none() {
            let thread = IoThread::start(&self.connector).map_err(Failure::Connect)?;
            places.thread = Some(thread);
        }
        let place = places.thread.as_ref().map(IoThread::place);
        place.ok_or(Failure::RuntimeEnded)
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
pub(crate) fn has_drivers() -> bool {
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
        let table = store.desk().slots().table.clone();
        for workers in [0, 2] {
            let mut builder = match workers {
                0 => Builder::new_current_thread(),
                _ => Builder::new_multi_thread(),
            };
            for _ in 0..10 {
                let runtime = builder.enable_all().build().unwrap();
                let _ = runtime.block_on(store.ready());
                let lanes: Weak<_> = table
                    .lock()
                    .runtimes
                    .values()
                    .find_map(|place| place.lanes.as_ref().map(Arc::downgrade))
                    .unwrap();
                assert!(lanes.upgrade().is_some());
                drop(runtime);
                assert!(table.lock().runtimes.is_empty());
                assert!(lanes.upgrade().is_none());
            }
        }
    }
}

//! The store's own thread, for callers that have no runtime or block the one they have.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use cached_core::{Error, ErrorKind};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::connector::Connector;
use crate::lanes::Lanes;

/// A thread with a runtime and connections on it; dropping it ends the thread, without waiting.
pub(crate) struct IoThread {
    lanes: Arc<Lanes>,
    handle: Handle,
    _stop: oneshot::Sender<()>,
    ended: oneshot::Receiver<()>,
}

impl IoThread {
    pub(crate) fn start(connector: &Arc<Connector>) -> Result<Self, Error> {
        let failed = |source: std::io::Error| {
            Error::new(ErrorKind::Unavailable, "the thread for blocking callers did not start")
                .with_source(source)
        };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        std::thread::Builder::new()
            .name("cached-redis".to_owned())
            .spawn(move || {
                // Nobody sends: the channel closes when the store is closed or dropped.
                let _ = runtime.block_on(stopped);
                // A name lookup that hangs must not hold the thread.
                runtime.shutdown_background();
                let _ = end.send(());
            })
            .map_err(failed)?;
        Ok(Self { lanes: Lanes::new(connector, &handle), handle, _stop: stop, ended })
    }

    pub(crate) fn place(&self) -> (Arc<Lanes>, Handle) {
        (Arc::clone(&self.lanes), self.handle.clone())
    }

    /// Ends the thread; what it returns is ready when the thread has let go of everything.
    pub(crate) fn stop(self) -> oneshot::Receiver<()> {
        self.lanes.close();
        self.ended
    }
}

/// Work on another thread: pollable by any executor, and given up when dropped.
pub(crate) struct Remote<T>(JoinHandle<T>);

impl<T: Send + 'static> Remote<T> {
    pub(crate) fn start(
        handle: &Handle,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Remote<T> {
        Self(handle.spawn(work))
    }
}

impl<T> Future for Remote<T> {
    /// `None` when the thread ended before the work was done.
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        Pin::new(&mut self.0).poll(cx).map(Result::ok)
    }
}

impl<T> Drop for Remote<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

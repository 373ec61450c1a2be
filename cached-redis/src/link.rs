//! Opening a connection, and the task that writes to it and reads from it.
//!
//! The `redis` crate would spawn that task by itself. It is woken by every request and, by tokio's
//! rules, runs before the tasks that were ready earlier, so requests that are made at the same time
//! would leave one by one, each with a system call and a packet of its own.
//!
//! Why it is so: `docs/decisions/0008-requests-leave-together.md`.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, RedisResult,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

/// Ends the task of a connection when it is dropped; all who use the connection hold it.
pub(crate) struct Link(AbortHandle);

impl Drop for Link {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Connects; must be called within the runtime that is to serve the connection.
pub(crate) async fn open(client: &Client) -> RedisResult<(MultiplexedConnection, Arc<Link>)> {
    let info = client.get_connection_info();
    match info.addr() {
        ConnectionAddr::Tcp(host, port) => {
            let stream = tcp(host, *port).await?;
            stream.set_nodelay(info.tcp_settings().nodelay())?;
            start(info, stream).await
        }
        #[cfg(unix)]
        ConnectionAddr::Unix(path) => {
            start(info, tokio::net::UnixStream::connect(path).await?).await
        }
        _ => Err((ErrorKind::InvalidClientConfig, "this kind of address is not supported").into()),
    }
}

/// Connects to the address of a host that answers first.
async fn tcp(host: &str, port: u16) -> io::Result<TcpStream> {
    let addresses = tokio::net::lookup_host((host, port)).await?;
    let mut attempts: Vec<_> =
        addresses.map(|address| Box::pin(TcpStream::connect(address))).collect();
    let mut failure = None;
    poll_fn(|cx| {
        let mut next = 0;
        while let Some(attempt) = attempts.get_mut(next) {
            match attempt.as_mut().poll(cx) {
                Poll::Pending => next += 1,
                Poll::Ready(Ok(stream)) => return Poll::Ready(Ok(stream)),
                Poll::Ready(Err(error)) => {
                    failure = Some(error);
                    drop(attempts.remove(next));
                }
            }
        }
        if !attempts.is_empty() {
            return Poll::Pending;
        }
        let nowhere = || io::Error::new(io::ErrorKind::NotFound, "the host has no address");
        Poll::Ready(Err(failure.take().unwrap_or_else(nowhere)))
    })
    .await
}

async fn start(
    info: &ConnectionInfo,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> RedisResult<(MultiplexedConnection, Arc<Link>)> {
    // Both limits are the store's: operations have theirs, and connecting has another.
    let config =
        AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(None);
    let (connection, work) =
        MultiplexedConnection::new_with_config(info.redis_settings(), stream, config).await?;
    let work = Box::pin(work);
    let link = Arc::new_cyclic(|link| {
        let driver = Driver { work, link: Weak::clone(link), waited: false };
        Link(tokio::spawn(driver).abort_handle())
    });
    Ok((connection, link))
}

/// The work of a connection; while it serves several operations, it lets other tasks go first.
///
/// They get what the connection has read, and hand it more to write, which then leaves at once.
struct Driver<F> {
    work: Pin<Box<F>>,
    link: Weak<Link>,
    waited: bool,
}

/// How many hold the link while a single operation is under way: this one, and the slot.
const ALONE: usize = 2;

impl<F: Future<Output = ()>> Future for Driver<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if !self.waited && self.link.strong_count() > ALONE {
            self.waited = true;
            // A task that wakes itself goes to the end of the queue.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.waited = false;
        self.work.as_mut().poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use cached_testing::RedisServer;
    use tokio::io::ReadBuf;
    use tokio::runtime::Builder;

    use super::*;

    /// Counts how often it is written to.
    struct Counting(TcpStream, Arc<AtomicUsize>);

    impl AsyncRead for Counting {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_read(cx, buf)
        }
    }

    impl AsyncWrite for Counting {
        fn poll_write(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.1.fetch_add(1, Ordering::SeqCst);
            Pin::new(&mut self.0).poll_write(cx, buf)
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_flush(cx)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(cx)
        }
    }

    async fn ping(mut connection: MultiplexedConnection, _link: Arc<Link>) {
        let pong: String = redis::cmd("PING").query_async(&mut connection).await.unwrap();
        assert_eq!(pong, "PONG");
    }

    /// The scheduler with threads is the one that runs a woken task before those that are ready.
    #[test]
    fn requests_made_at_the_same_time_leave_together() {
        cached_testing::hard_timeout(Duration::from_secs(20), "together", || {
            let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
            runtime.unwrap().block_on(together());
        });
    }

    async fn together() {
        const REQUESTS: usize = 32;
        let server = RedisServer::start().unwrap();
        let client = Client::open(server.url()).unwrap();
        let stream = tcp("127.0.0.1", server.port()).await.unwrap();
        let writes = Arc::new(AtomicUsize::new(0));
        let counting = Counting(stream, Arc::clone(&writes));
        let (connection, link) = start(client.get_connection_info(), counting).await.unwrap();
        writes.store(0, Ordering::SeqCst);
        // On the runtime's thread, so that all tasks are ready before the first one runs.
        let all = tokio::spawn(async move {
            let tasks: Vec<_> = (0..REQUESTS)
                .map(|_| tokio::spawn(ping(connection.clone(), Arc::clone(&link))))
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        all.await.unwrap();
        let writes = writes.load(Ordering::SeqCst);
        assert!(writes <= REQUESTS / 4, "{writes} writes for {REQUESTS} requests");
    }
}

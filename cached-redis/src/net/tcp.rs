//! Sockets.

use std::future::{Future, poll_fn};
use std::io;
#[cfg(unix)]
use std::os::fd::AsFd;
#[cfg(windows)]
use std::os::windows::io::AsSocket as AsFd;
use std::task::Poll;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

use crate::settings::Tcp;

/// Connects to the address of a host that answers first.
pub(super) async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
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

/// Makes closing a connection reset it.
pub(crate) fn forget_unsent<S: AsFd>(stream: &S) {
    // If it cannot be set, the connection is gone anyway.
    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
}

pub(super) fn set(stream: &TcpStream, settings: &Tcp) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    if let Some(idle) = settings.keepalive {
        let keepalive = TcpKeepalive::new().with_time(idle);
        #[cfg(any(target_os = "linux", target_os = "android", target_os = "macos", windows))]
        let keepalive = keepalive.with_interval(idle);
        socket.set_tcp_keepalive(&keepalive)?;
    }
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
    socket.set_tcp_user_timeout(settings.user_timeout)?;
    Ok(())
}

//! A connection whose reads and writes block, for a limited time.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::net::{Stream, tcp};

/// A connection of a caller that blocks.
pub(super) enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixStream),
    #[cfg(feature = "tls")]
    Tls(Box<rustls::StreamOwned<rustls::ClientConnection, TcpStream>>),
}

impl Socket {
    /// Takes a connection out of its runtime.
    pub(super) fn new(stream: Stream) -> io::Result<Self> {
        match stream {
            Stream::Tcp(stream) => into_std(stream).map(Self::Tcp),
            #[cfg(unix)]
            Stream::Unix(stream) => {
                let stream = stream.into_std()?;
                stream.set_nonblocking(false)?;
                Ok(Self::Unix(stream))
            }
            #[cfg(feature = "tls")]
            Stream::Tls(stream) => {
                let (stream, session) = stream.into_inner();
                let stream = into_std(stream)?;
                Ok(Self::Tls(Box::new(rustls::StreamOwned::new(session, stream))))
            }
        }
    }

    /// As [`Stream::forget_unsent`].
    pub(super) fn forget_unsent(&self) {
        match self {
            Self::Tcp(stream) => tcp::forget_unsent(stream),
            #[cfg(unix)]
            Self::Unix(_) => {}
            #[cfg(feature = "tls")]
            Self::Tls(stream) => tcp::forget_unsent(&stream.sock),
        }
    }

    /// Sets how long one read, and one write, may take.
    pub(super) fn limit(&self, limit: Duration) -> io::Result<()> {
        let both = |stream: &TcpStream| {
            stream.set_read_timeout(Some(limit))?;
            stream.set_write_timeout(Some(limit))
        };
        match self {
            Self::Tcp(stream) => both(stream),
            #[cfg(unix)]
            Self::Unix(stream) => {
                stream.set_read_timeout(Some(limit))?;
                stream.set_write_timeout(Some(limit))
            }
            #[cfg(feature = "tls")]
            Self::Tls(stream) => both(&stream.sock),
        }
    }
}

fn into_std(stream: tokio::net::TcpStream) -> io::Result<TcpStream> {
    let stream = stream.into_std()?;
    stream.set_nonblocking(false)?;
    Ok(stream)
}

impl Read for Socket {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(room),
            #[cfg(unix)]
            Self::Unix(stream) => stream.read(room),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.read(room),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            #[cfg(unix)]
            Self::Unix(stream) => stream.write(bytes),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.flush(),
            #[cfg(unix)]
            Self::Unix(stream) => stream.flush(),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.flush(),
        }
    }
}

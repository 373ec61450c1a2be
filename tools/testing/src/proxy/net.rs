//! Both ends of connections through a proxy, for its tests.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::{ChaosProxy, hard_timeout};

/// Far longer than anything here takes.
pub(super) const LIMIT: Duration = Duration::from_secs(5);
/// How long nothing must arrive where nothing may.
pub(super) const SILENCE: Duration = Duration::from_millis(50);
/// A delay that no test waits for.
pub(super) const NEVER: Duration = Duration::from_secs(3600);

/// A proxy whose server is the test itself.
pub(super) struct Net {
    pub(super) proxy: ChaosProxy,
    pub(super) listener: TcpListener,
}

impl Net {
    pub(super) fn start() -> Net {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let proxy = ChaosProxy::start(listener.local_addr().unwrap().port()).unwrap();
        Net { proxy, listener }
    }

    pub(super) fn client(&self) -> TcpStream {
        limited(TcpStream::connect((Ipv4Addr::LOCALHOST, self.proxy.port())).unwrap())
    }

    /// Returns both ends of a new connection through the proxy.
    pub(super) fn pair(&self) -> (TcpStream, TcpStream) {
        let client = self.client();
        (client, limited(self.listener.accept().unwrap().0))
    }

    pub(super) fn await_open(&self, count: usize) {
        while self.proxy.open() != count {
            thread::yield_now();
        }
    }
}

pub(super) fn limited(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

/// Runs `test` with a limit for all of it.
pub(super) fn with_net(name: &str, test: impl FnOnce(Net) + Send + 'static) {
    hard_timeout(4 * LIMIT, name, move || test(Net::start()));
}

pub(super) fn send(mut to: &TcpStream, text: &str) {
    to.write_all(text.as_bytes()).unwrap();
}

pub(super) fn receive(mut from: &TcpStream, count: usize) -> String {
    let mut bytes = vec![0; count];
    from.read_exact(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[track_caller]
pub(super) fn assert_silent(mut from: &TcpStream) {
    from.set_read_timeout(Some(SILENCE)).unwrap();
    let error = from.read(&mut [0; 1]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    from.set_read_timeout(Some(LIMIT)).unwrap();
}

#[track_caller]
pub(super) fn assert_closed(mut from: &TcpStream) {
    assert_eq!(from.read(&mut [0; 1]).unwrap(), 0);
}

#[track_caller]
pub(super) fn assert_reset(mut from: &TcpStream) {
    assert_eq!(from.read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::ConnectionReset);
}

//! What can be wrong between a client and its server.

use std::time::Duration;

/// A fault of the network between a client and its server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Everything passes.
    None,
    /// What either side sends arrives later; a round trip takes twice as much.
    Latency {
        /// How much later at least.
        delay: Duration,
        /// How much may come on top, another amount for every piece; the order stays.
        jitter: Duration,
    },
    /// Each direction of each connection passes so many bytes in a second.
    Bandwidth {
        /// The bytes; with 0, nothing passes.
        bytes_per_second: u32,
    },
    /// Connects succeed, and nothing passes in either direction, not even that a side closed.
    BlackHole,
    /// Open connections are closed, and new ones at once after the connect, which succeeds.
    Refuse,
    /// Open connections are reset, and new ones at once after the connect, which succeeds.
    Reset,
    /// On each connection, so many more bytes of the server reach the client; when there are
    /// further ones, the connection is closed instead.
    ///
    /// The server has then carried out the command whose answer is cut, with 0 bytes too.
    CutReply {
        /// The bytes that still pass, counted from the moment the fault is set.
        after_bytes: usize,
    },
    /// When one side closes, the other one is told only later.
    SlowClose {
        /// How much later.
        delay: Duration,
    },
    /// What the client sends passes; nothing passes from the server, not even that it closed.
    HalfOpen,
}

impl Fault {
    /// Returns whether bytes may pass from the server to the client.
    pub(super) fn passes_to_client(&self) -> bool {
        !matches!(self, Fault::BlackHole | Fault::HalfOpen)
    }

    /// Returns whether bytes may pass from the client to the server.
    pub(super) fn passes_to_server(&self) -> bool {
        !matches!(self, Fault::BlackHole)
    }

    /// Returns whether the fault leaves no connection open.
    pub(super) fn closes(&self) -> bool {
        matches!(self, Fault::Refuse | Fault::Reset)
    }
}

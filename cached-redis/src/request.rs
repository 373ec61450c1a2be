//! What is sent in one round trip.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock};

use cached_core::Tick;
use redis::Arg;
use redis::{Cmd, Pipeline, Value};

use crate::address::Endpoint;
use crate::backend::{settle, settle_apart};
use crate::cluster::slot_of;
use crate::failure::Failure;
use crate::mux::{Coming, Mux};
use crate::prefix::Prefix;
use crate::wire;

/// Whether a request may be sent again when it is not known if the server has carried it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    Harmless,
    Never,
}

/// Something that can be asked of a server.
pub(crate) trait Ask: Sync {
    /// Hands it to a connection of ours; `None` when that is gone.
    fn hand_to(&self, mux: &Mux, deadline: Tick) -> Option<Coming>;
    /// The bytes that go over a connection, and the number of replies.
    fn packed(&self) -> (Vec<u8>, usize);
    /// What the replies of a connection of ours come to.
    fn outcome(&self, reply: Value) -> Result<Value, Failure> {
        settle(reply).map(|reply| self.shape(reply))
    }
    /// Makes of the replies, which are an array if there are several, what a connection of the
    /// `redis` crate returns.
    fn shape(&self, reply: Value) -> Value {
        reply
    }
    /// The same for a connection of the `redis` crate.
    fn request(&self) -> Cow<'_, Request>;
    /// Who in a cluster can answer it.
    fn place(&self) -> Place;
}

/// Who in a cluster can answer a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Anywhere,
    /// Who has this slot.
    Slot(u16),
    Node(Endpoint),
    /// It is about the nodes themselves: which they are.
    Nodes,
    /// It is not one of ours: the client of the `redis` crate knows.
    Native,
}

/// A command, or several in one go.
#[derive(Clone)]
pub(crate) enum Request {
    One(Cmd),
    /// Several; of the replies, the first ones are left out, and so many make up an array.
    Many {
        pipeline: Pipeline,
        skip: usize,
        count: usize,
    },
    /// A command for this node of a cluster.
    At(Cmd, #[cfg_attr(not(feature = "cluster"), allow(dead_code))] Node),
    /// What the caller asks for, whose keys we do not know.
    Native(Box<Request>),
}

/// A server in a cluster, as the cluster itself names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Node {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Request {
    /// All commands of a pipeline that is no transaction, and all replies.
    pub(crate) fn many(pipeline: Pipeline) -> Self {
        let count = pipeline.len();
        Self::Many { pipeline, skip: 0, count }
    }

    /// Tells whether the caller is to get every reply, also if some of the commands are refused: in a
    /// transaction, one that is refused before it is carried out spoils them all.
    pub(crate) fn is_apart(&self) -> bool {
        match self {
            Self::Native(request) => {
                matches!(&**request, Self::Many { pipeline, .. } if !pipeline.is_transaction())
            }
            _ => false,
        }
    }

    /// All its commands.
    pub(crate) fn commands(&self) -> Vec<&Cmd> {
        match self {
            Self::One(command) | Self::At(command, _) => vec![command],
            Self::Many { pipeline, .. } => pipeline.cmd_iter().collect(),
            Self::Native(request) => request.commands(),
        }
    }
}

/// Who can answer one of our own commands, by its first key.
fn place_of(command: &Cmd) -> Place {
    let arg = |index| match command.args_iter().nth(index) {
        Some(Arg::Simple(bytes)) => Some(bytes),
        _ => None,
    };
    let key = match arg(0) {
        Some(b"GET" | b"MGET" | b"SET" | b"UNLINK" | b"PTTL" | b"PEXPIRE" | b"PERSIST") => arg(1),
        Some(b"EVAL" | b"EVALSHA") => arg(3),
        Some(b"CLUSTER") => return Place::Nodes,
        _ => None,
    };
    key.map_or(Place::Anywhere, |key| Place::Slot(slot_of(b"", key)))
}

impl Ask for Request {
    fn outcome(&self, reply: Value) -> Result<Value, Failure> {
        match self.is_apart() {
            true => settle_apart(self.shape(reply)),
            false => settle(reply).map(|reply| self.shape(reply)),
        }
    }

    fn hand_to(&self, mux: &Mux, deadline: Tick) -> Option<Coming> {
        let (packed, replies) = self.packed();
        mux.send(packed, replies, deadline)
    }

    fn packed(&self) -> (Vec<u8>, usize) {
        match self {
            Self::One(command) | Self::At(command, _) => (command.get_packed_command(), 1),
            Self::Many { pipeline, skip, count } => (pipeline.get_packed_pipeline(), skip + count),
            Self::Native(request) => request.packed(),
        }
    }

    fn shape(&self, reply: Value) -> Value {
        match (self, reply) {
            (Self::Native(request), reply) => request.shape(reply),
            (Self::Many { skip: 0, count: 1, .. }, reply) => Value::Array(vec![reply]),
            (Self::Many { skip, .. }, Value::Array(mut replies)) => {
                replies.drain(..(*skip).min(replies.len()));
                Value::Array(replies)
            }
            (_, reply) => reply,
        }
    }

    fn request(&self) -> Cow<'_, Request> {
        Cow::Borrowed(self)
    }

    fn place(&self) -> Place {
        match self {
            Self::One(command) => place_of(command),
            Self::Many { pipeline, .. } => {
                pipeline.cmd_iter().next().map_or(Place::Anywhere, place_of)
            }
            Self::At(_, Node { host, port }) => {
                Place::Node(Endpoint::Tcp { host: host.clone(), port: *port })
            }
            Self::Native(_) => Place::Native,
        }
    }
}

/// The read of one entry: the path of every hit, so nothing is allocated for it.
pub(crate) struct Get<'a> {
    pub(crate) prefix: &'a RwLock<Arc<Prefix>>,
    pub(crate) key: &'a str,
}

impl Get<'_> {
    fn with_head<T>(&self, with: impl FnOnce(&str) -> T) -> T {
        with(self.prefix.read().unwrap_or_else(PoisonError::into_inner).head())
    }
}

impl Ask for Get<'_> {
    fn hand_to(&self, mux: &Mux, deadline: Tick) -> Option<Coming> {
        self.with_head(|head| mux.get(head, self.key, deadline))
    }

    fn packed(&self) -> (Vec<u8>, usize) {
        let mut packed = Vec::with_capacity(32 + self.key.len());
        wire::push_head(&mut packed, 2);
        wire::push_arg(&mut packed, &[b"GET"]);
        self.with_head(|head| {
            wire::push_arg(&mut packed, &[head.as_bytes(), self.key.as_bytes()]);
        });
        (packed, 1)
    }

    fn request(&self) -> Cow<'_, Request> {
        let mut command = redis::cmd("GET");
        self.with_head(|head| command.arg(format!("{head}{}", self.key)));
        Cow::Owned(Request::One(command))
    }

    fn place(&self) -> Place {
        Place::Slot(self.with_head(|head| slot_of(head.as_bytes(), self.key.as_bytes())))
    }
}

//! Requests for a slot that is on its way to another node.

use std::borrow::Cow;

use cached_core::Tick;
use redis::{Pipeline, Value};

use crate::mux::{Coming, Mux};
use crate::request::{Ask, Place, Request};

/// A request to the node that is going to have a slot: each command follows an `ASKING`.
pub(super) struct Asking<'a> {
    asked: Cow<'a, Request>,
    request: Request,
}

impl<'a> Asking<'a> {
    pub(super) fn new(ask: &'a impl Ask) -> Self {
        let asked = ask.request();
        let mut pipeline = Pipeline::new();
        for command in asked.commands() {
            pipeline.cmd("ASKING").add_command(command.clone());
        }
        Self { asked, request: Request::many(pipeline) }
    }
}

impl Ask for Asking<'_> {
    fn hand_to(&self, mux: &Mux, deadline: Tick) -> Option<Coming> {
        self.request.hand_to(mux, deadline)
    }

    fn packed(&self) -> (Vec<u8>, usize) {
        self.request.packed()
    }

    /// Leaves the replies to the `ASKING`s out.
    fn shape(&self, reply: Value) -> Value {
        let Value::Array(replies) = reply else { return reply };
        let mut replies: Vec<_> = replies.into_iter().skip(1).step_by(2).collect();
        let reply = match replies.len() {
            1 => replies.swap_remove(0),
            _ => Value::Array(replies),
        };
        self.asked.shape(reply)
    }

    fn request(&self) -> Cow<'_, Request> {
        Cow::Borrowed(&self.request)
    }

    fn place(&self) -> Place {
        self.asked.place()
    }
}

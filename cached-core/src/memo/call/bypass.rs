//! A call that leaves its cache alone.

use std::task::{Context, Poll, ready};

use super::state::{Body, Drive};
use crate::flight::ChainGuard;
use crate::memo::outcome::Source;
use crate::stats::Counters;

/// A call that runs its body and nothing else.
pub(crate) struct Bypass<'m> {
    counters: &'m Counters,
    source: Source,
}

impl<'m> Bypass<'m> {
    /// Makes the call, and counts it.
    pub(crate) fn new(counters: &'m Counters) -> Self {
        counters.bypassed.add_one();
        Self { counters, source: Source::Unfinished }
    }
}

impl<V> Drive<V> for Bypass<'_> {
    fn poll(&mut self, cx: &mut Context<'_>, body: &mut dyn Body<V>) -> Poll<()> {
        if self.source != Source::Unfinished {
            return Poll::Pending;
        }
        ready!(body.poll(cx));
        body.clear();
        self.counters.computed.add_one();
        self.source = match body.outcome() {
            Ok(_) => Source::Bypassed,
            Err(_) => {
                self.counters.errors.add_one();
                Source::Failed
            }
        };
        Poll::Ready(())
    }

    fn inside(&self) -> Option<ChainGuard> {
        None
    }

    fn source(&self) -> Source {
        self.source
    }
}

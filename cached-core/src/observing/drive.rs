//! A call that is watched.

use std::task::{Context, Poll, ready};

use super::watch::Note;
use crate::flight;
use crate::memo::{Body, CallObserver as _, CallOutcome, Drive, MEMORY, Source};

/// A call, and the note of it.
pub(crate) struct Observed<D: ?Sized> {
    note: Note,
    call: Box<D>,
}

impl<D: ?Sized> Observed<D> {
    pub(crate) fn new(call: Box<D>, note: Note) -> Self {
        Self { note, call }
    }
}

impl<V, D: Drive<V> + ?Sized> Drive<V> for Observed<D> {
    fn poll(&mut self, cx: &mut Context<'_>, body: &mut dyn Body<V>) -> Poll<()> {
        let inside = self.note.enter();
        ready!(self.call.poll(cx, body));
        drop(inside);
        self.note.end(match self.call.source() {
            Source::Memory => CallOutcome::Hit { store: MEMORY },
            Source::Remote(layer) => CallOutcome::Hit { store: self.note.store(layer) },
            Source::Computed => CallOutcome::Computed,
            Source::Forced => CallOutcome::Forced,
            Source::Bypassed => CallOutcome::Bypassed,
            Source::Coalesced => CallOutcome::Coalesced,
            Source::Failed => CallOutcome::Failed,
            Source::Unfinished => CallOutcome::Unfinished,
        });
        Poll::Ready(())
    }

    fn inside(&self) -> Option<flight::ChainGuard> {
        self.call.inside()
    }

    fn source(&self) -> Source {
        self.call.source()
    }
}

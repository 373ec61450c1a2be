//! The handle that stands for no entry, because a part of its key is not set.

use std::sync::Arc;

use super::BoundEntry;
use super::explanation::Explanation;
use super::fenced::Fence;
use super::writing::{Writing, report};
use crate::error::{Error, ErrorKind};
use crate::flight::Version;
use crate::memo::BoxFuture;
use crate::timeout::Timeout;

/// No entry of a function.
pub(crate) struct Nothing {
    /// The function's name in keys.
    pub(crate) function: String,
    /// The part that is not set.
    pub(crate) part: &'static str,
}

impl Nothing {
    fn why(&self) -> String {
        let Self { function, part } = self;
        format!(
            "there is no key for `{function}`, because nobody has set `{part}` here; make the \
             handle within `KeyContext::scope([(\"{part}\", ..)], ..)`"
        )
    }

    /// Says to a writer that there is nothing to change.
    pub(super) fn reporting(self: Arc<Self>) -> Writing {
        Box::pin(async move { report(&self.function, self.refuse().await) })
    }

    fn refuse(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async { Err(Error::new(ErrorKind::Config, self.why())) })
    }
}

impl<R> BoundEntry<R> for Nothing {
    fn key(&self) -> String {
        format!("{} without `{}`", self.function, self.part)
    }

    fn key_text(&self) -> Option<&str> {
        None
    }

    fn peek(&self) -> BoxFuture<'_, Option<R>> {
        Box::pin(async { None })
    }

    fn put<'a>(&'a self, returned: R) -> BoxFuture<'a, Result<(), Error>>
    where
        R: 'a,
    {
        drop(returned);
        self.refuse()
    }

    fn invalidate(&self) -> BoxFuture<'_, Result<(), Error>> {
        self.refuse()
    }

    fn ttl(&self) -> BoxFuture<'_, Option<Timeout>> {
        Box::pin(async { None })
    }

    fn explain(&self) -> BoxFuture<'_, Explanation> {
        let key = BoundEntry::<R>::key(self);
        let bypassed = Some(self.why());
        Box::pin(async { Explanation { key, layers: Vec::new(), bypassed } })
    }

    fn fence(self: Arc<Self>, _since: Option<Version>) -> Arc<dyn Fence<R>> {
        self
    }

    fn evicting(self: Arc<Self>) -> Writing {
        self.reporting()
    }
}

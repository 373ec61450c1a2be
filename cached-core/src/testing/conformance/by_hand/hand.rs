//! A handle under a check, and what it found put into words.

use std::fmt::{Debug, Display};
use std::sync::Arc;

use super::super::bench::Bench;
use super::super::failure::{Fault, Outcome, holds, same, same_keys, same_list};
use super::super::subject::Subject;
use super::spoken::Spoken;
use crate::cache::uninstalled;
use crate::{Cache, Codec, Error, ErrorKind};

const CODECS: [Codec; 2] = [Codec::MessagePack, Codec::Json];

/// A handle, and the store below it.
pub(super) struct Hand {
    pub(super) cache: Cache,
    pub(super) below: Subject,
    codec: Codec,
}

impl Hand {
    fn new(bench: &Bench<'_>, codec: Codec) -> Outcome<Self> {
        let below = bench.open(&format!("{codec:?}"));
        let store = Arc::new(Spoken { below: below.clone(), codec: codec.clone() });
        let cache = uninstalled(bench.clock(), store);
        let cache = cache.map_err(|error| Fault::new(format!("no handle: {error:?}")))?;
        Ok(Self { cache, below, codec })
    }

    /// Makes one for each codec.
    pub(super) fn all(bench: &Bench<'_>) -> impl Iterator<Item = Outcome<Self>> {
        CODECS.into_iter().map(|codec| Self::new(bench, codec))
    }

    pub(super) fn same<T: PartialEq + Debug>(
        &self,
        what: impl Display,
        found: T,
        expected: T,
    ) -> Outcome {
        same(self.said(what), found, expected)
    }

    pub(super) fn same_list<T: PartialEq + Debug>(
        &self,
        what: impl Display,
        found: &[T],
        expected: &[T],
    ) -> Outcome {
        same_list(self.said(what), found, expected)
    }

    pub(super) fn same_keys(
        &self,
        what: impl Display,
        found: Vec<String>,
        expected: &[&str],
    ) -> Outcome {
        same_keys(self.said(what), found, expected)
    }

    pub(super) fn holds(
        &self,
        what: impl Display,
        expected: impl Display,
        found: impl Debug,
        is_so: bool,
    ) -> Outcome {
        holds(self.said(what), expected, found, is_so)
    }

    /// Makes an error a fault.
    pub(super) fn ok<T>(&self, what: impl Display, outcome: Result<T, Error>) -> Outcome<T> {
        outcome.map_err(|error| Fault::new(format!("{} failed: {error:?}", self.said(what))))
    }

    /// Makes everything but an error of one kind a fault.
    pub(super) fn refused<T: Debug>(
        &self,
        what: impl Display,
        kind: ErrorKind,
        outcome: Result<T, Error>,
    ) -> Outcome {
        match outcome {
            Err(error) if error.kind() == kind => Ok(()),
            other => Err(Fault::new(format!(
                "{}: expected an error of the kind `{kind:?}`, found {other:?}",
                self.said(what)
            ))),
        }
    }

    fn said(&self, what: impl Display) -> String {
        format!("{what}, in {:?}", self.codec)
    }
}

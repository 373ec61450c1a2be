//! Batches: the promises made to a call hold for each of its elements.

mod basics;
mod cancel;
mod fences;
mod flights;
mod random;
mod stores;
mod threads;

use super::rig::{Poll1, Rig};
use crate::key::Lookup;
use crate::memo::batch::run;
use crate::memo::returns::{FallibleShared, Plain};
use crate::memo::{AbsentForgotten, Conduct, Looked, NamedBy, Shape};
use std::collections::HashMap;
use std::future::{Future, ready};
use std::hash::Hash;
use std::sync::{Arc, Mutex};

/// A key of one integer, which is also the element.
#[derive(Hash)]
struct One(u64);

impl Lookup for One {
    type Key = u64;

    fn is(&self, key: &u64) -> bool {
        self.0 == *key
    }

    fn to_key(&self) -> u64 {
        self.0
    }

    fn append_part(&self, _number: usize, out: String) -> Option<String> {
        Some(out)
    }
}

/// The keys that bodies were asked for, call by call.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<Vec<u64>>>>);

impl Asked {
    fn note(&self, missing: &[u64]) {
        self.0.lock().unwrap().push(missing.to_vec());
    }

    /// Returns what was noted since the last time.
    fn take(&self) -> Vec<Vec<u64>> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// Returns a body that has ten times the element for each.
    fn tenfold(&self) -> impl FnMut(Vec<u64>) -> std::future::Ready<HashMap<u64, u64>> + use<> {
        let asked = self.clone();
        move |missing| {
            asked.note(&missing);
            ready(tenfold(&missing))
        }
    }
}

fn tenfold(keys: &[u64]) -> HashMap<u64, u64> {
    keys.iter().map(|key| (*key, key * 10)).collect()
}

impl Rig {
    fn batch<'a, F>(
        &'a self,
        elements: &[u64],
        body: impl FnMut(Vec<u64>) -> F + 'a,
    ) -> Poll1<'a, HashMap<u64, u64>>
    where
        F: Future<Output = HashMap<u64, u64>> + 'a,
    {
        self.batch_as::<_, Plain, F>(elements, false, body)
    }

    fn force_batch<'a, F>(
        &'a self,
        elements: &[u64],
        body: impl FnMut(Vec<u64>) -> F + 'a,
    ) -> Poll1<'a, HashMap<u64, u64>>
    where
        F: Future<Output = HashMap<u64, u64>> + 'a,
    {
        self.batch_as::<_, Plain, F>(elements, true, body)
    }

    fn try_batch<'a, F>(
        &'a self,
        elements: &[u64],
        body: impl FnMut(Vec<u64>) -> F + 'a,
    ) -> Poll1<'a, Result<HashMap<u64, u64>, String>>
    where
        F: Future<Output = Result<HashMap<u64, u64>, String>> + 'a,
    {
        self.batch_as::<_, FallibleShared, F>(elements, false, body)
    }

    fn batch_as<'a, R: 'a, S, F>(
        &'a self,
        elements: &[u64],
        force: bool,
        body: impl FnMut(Vec<u64>) -> F + 'a,
    ) -> Poll1<'a, R>
    where
        S: Shape<R> + 'a,
        S::Value: NamedBy<u64, Value = u64> + 'a,
        F: Future<Output = R> + 'a,
    {
        let elements = elements.to_vec();
        #[allow(clippy::redundant_async_block, reason = "a panic must drop the call at once")]
        Poll1::new(async move {
            let looked = Looked::<S::Value, u64, u64, u64>::look::<AbsentForgotten, Plain, One>(
                &self.memo,
                &elements,
                if force { Conduct::Force } else { Conduct::Usual },
                |element| One(*element),
                |lookup| self.at(lookup.0),
                |_| None,
            );
            run::<R, S, AbsentForgotten, Plain, S::Value, u64, u64, u64, u64, F>(looked, body).await
        })
    }
}

//! Looking a batch up in memory, and putting together what it returns.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use foldhash::fast::RandomState;

use super::collection::{Absence, NamedBy};
use super::crew::{Computed, Wanted};
use crate::key::{Lookup, StoreKey};
use crate::memo::Memo;
use crate::memo::call::mode::Conduct;
use crate::memo::layer::MEMORY;
use crate::memo::outcome::{CallObserver, CallOutcome};
use crate::memo::returns::Shape;

/// What the look into memory found.
pub(crate) enum Looked<'m, C, V, T, K> {
    /// Everything was there.
    Hit(C),
    /// Nothing is to be looked up: the body computes all of these.
    Past(&'m Memo<K, V>, Vec<T>),
    Missed(Missed<'m, V, T, K>),
}

/// What a batch has to do after the look into memory.
pub(crate) struct Missed<'m, V, T, K> {
    pub(super) memo: &'m Memo<K, V>,
    pub(super) conduct: Conduct,
    /// All elements, in the order of the arguments.
    pub(super) elements: Vec<T>,
    /// Where each one's value comes from.
    sources: Vec<Source<V>>,
    /// The keys to find or to compute, each once.
    pub(super) wanted: Vec<Wanted<K>>,
    /// Which element is the first of each of those keys.
    firsts: Vec<usize>,
}

/// Where an element's value comes from.
enum Source<V> {
    Memory(V),
    /// The wanted key of this number.
    Wanted(usize),
}

impl<'m, C, V, T, K> Looked<'m, C, V, T, K>
where
    C: NamedBy<T>,
    V: Send + Sync + 'static,
    T: Clone,
    K: Hash + Eq + Clone + Send + Sync + 'static,
{
    /// Looks into memory for each element, if the call is to read.
    pub(crate) fn look<'e, A, E, L>(
        memo: &'m Memo<K, V>,
        elements: &'e [T],
        conduct: Conduct,
        lookup: impl Fn(&'e T) -> L,
        at: impl Fn(&L) -> Option<StoreKey>,
        note: impl Fn(&L) -> Option<Box<dyn CallObserver>>,
    ) -> Self
    where
        A: Absence<C>,
        E: Shape<A::Entry, Value = V>,
        L: Lookup<Key = K>,
    {
        if conduct == Conduct::Bypass {
            for element in elements {
                memo.counters.bypassed.add_one();
                say(note(&lookup(element)), CallOutcome::Bypassed);
            }
            return Self::Past(memo, elements.to_vec());
        }
        let reads = matches!(conduct, Conduct::Usual | Conduct::ReadOnly);
        let mut sources = Vec::with_capacity(elements.len());
        let (mut wanted, mut firsts) = (Vec::new(), Vec::new());
        let mut numbers = HashMap::<K, usize, RandomState>::default();
        for (index, element) in elements.iter().enumerate() {
            let lookup = lookup(element);
            let hit = if reads { memo.hit_if_on(&lookup) } else { None };
            let note = note(&lookup);
            if let Some(value) = hit {
                say(note, CallOutcome::Hit { store: MEMORY });
                sources.push(Source::Memory(value));
                continue;
            }
            let number = match numbers.entry(lookup.to_key()) {
                Entry::Occupied(seen) => {
                    // It gets what the equal element before it gets.
                    memo.counters.coalesced.add_one();
                    say(note, CallOutcome::Coalesced);
                    *seen.get()
                }
                Entry::Vacant(new) => {
                    wanted.push(Wanted { key: new.key().clone(), at: at(&lookup), note });
                    firsts.push(index);
                    *new.insert(firsts.len() - 1)
                }
            };
            sources.push(Source::Wanted(number));
        }
        if wanted.is_empty() {
            let value = |source| match source {
                Source::Memory(value) => A::value(E::join(value)),
                Source::Wanted(_) => None,
            };
            let values = elements.iter().map(C::name).zip(sources.into_iter().map(value));
            return Self::Hit(C::gather(values));
        }
        let elements = elements.to_vec();
        Self::Missed(Missed { memo, conduct, elements, sources, wanted, firsts })
    }
}

/// Tells those who watch, if anybody does.
fn say(note: Option<Box<dyn CallObserver>>, outcome: CallOutcome) {
    if let Some(note) = note {
        note.end(outcome);
    }
}

impl<V, T, K> Missed<'_, V, T, K> {
    /// Returns the first elements of some of the wanted keys.
    pub(super) fn elements_of(&self, wanted: &[usize]) -> Vec<&T> {
        let element = |number: &usize| self.elements.get(*self.firsts.get(*number)?);
        wanted.iter().filter_map(element).collect()
    }

    /// Puts the values of all elements together; gives the elements back if what several of them
    /// have cannot be copied.
    pub(super) fn gather<C, A, E>(
        self,
        mut values: Vec<Option<V>>,
        mut refused: Refused<A::Entry>,
    ) -> Result<C, Vec<T>>
    where
        C: NamedBy<T>,
        A: Absence<C>,
        E: Shape<A::Entry, Value = V>,
    {
        let mut uses = vec![0_usize; values.len()];
        for source in &self.sources {
            if let Source::Wanted(number) = source {
                uses[*number] += 1;
            }
        }
        let copy = self.memo.copy;
        let mut take = |number: usize| {
            uses[number] -= 1;
            match uses[number] {
                0 => Ok(values[number].take().map(E::join).or_else(|| refused.take(number))),
                _ => match &values[number] {
                    Some(value) => copy(value).map(E::join).map(Some).ok_or(()),
                    None => refused.copy::<E>(number),
                },
            }
        };
        let entry = |source| match source {
            Source::Memory(value) => Ok(Some(E::join(value))),
            Source::Wanted(number) => take(number),
        };
        let Ok(entries) = self.sources.into_iter().map(entry).collect::<Result<Vec<_>, ()>>()
        else {
            return Err(self.elements);
        };
        let values = entries.into_iter().map(|entry| entry.and_then(A::value));
        Ok(C::gather(self.elements.iter().map(C::name).zip(values)))
    }
}

/// What the body returned for some of the keys, and is not stored: an element's `Err`.
pub(super) struct Refused<N>(BTreeMap<usize, N>);

impl<N> Refused<N> {
    pub(super) fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Takes apart what the body returned for a key, and keeps what is not for storing.
    pub(super) fn made<E: Shape<N>>(
        &mut self,
        number: usize,
        returned: Option<N>,
    ) -> Computed<E::Value> {
        let Some(returned) = returned else { return Computed::Absent };
        match E::split(returned) {
            Ok(value) => Computed::Value(value),
            Err(failed) => {
                let shared = E::share(&failed);
                self.0.insert(number, failed);
                Computed::Failed(shared)
            }
        }
    }

    fn take(&mut self, number: usize) -> Option<N> {
        self.0.remove(&number)
    }

    fn copy<E: Shape<N>>(&self, number: usize) -> Result<Option<N>, ()> {
        let Some(failed) = self.0.get(&number) else { return Ok(None) };
        let copy = E::share(failed).as_ref().and_then(E::unshare);
        copy.map(Some).ok_or(())
    }
}

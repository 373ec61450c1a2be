//! What a batch function returns: a map by element, or a list in the order of the elements.
//!
//! Whether it is in a `Result` is for [`Shape`](crate::memo::Shape) to know.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

/// A collection with at most one value for each element.
#[diagnostic::on_unimplemented(
    message = "a batch function cannot return `{Self}`",
    label = "neither a map by element nor a list in the order of the elements",
    note = "return a `HashMap` or a `BTreeMap` from elements to values, or a `Vec` with one value for each element, in their order; each may be in a `Result`"
)]
pub trait Each: Sized {
    /// What an element is called in the collection: a map's key, and nothing in a list.
    type Name;
    /// What it has for an element.
    type Value;
    /// A value, or nothing, in a form that can be stored.
    type OrNone;

    /// Takes the values of the elements out, in the order of their names; gives the collection back
    /// if it cannot be known whose value is whose.
    fn part(self, names: &[Self::Name]) -> Result<Vec<Option<Self::Value>>, Self>;

    /// Puts values together; a list has one for each element.
    fn gather(values: impl Iterator<Item = (Self::Name, Option<Self::Value>)>) -> Self;

    /// Makes what is stored of a value, or of its absence; a list knows no absence.
    fn or_none(value: Option<Self::Value>) -> Option<Self::OrNone>;

    /// Makes a value of what was stored.
    fn from_or_none(stored: Self::OrNone) -> Option<Self::Value>;
}

/// Says what an element is called in a collection.
#[diagnostic::on_unimplemented(
    message = "the elements cannot be looked up in the returned `{Self}`",
    label = "`{T}` is not `Clone`, or not `Into` the map's key",
    note = "return a map whose keys are the elements, or something that they are converted into by `Into`"
)]
pub trait NamedBy<T>: Each {
    /// Returns the name.
    fn name(element: &T) -> Self::Name;
}

macro_rules! maps {
    ($($map:ty, $names:ident, [$($each:tt)*], [$($named:tt)*] $of:ty;)*) => {$(
        impl<$($each)*> Each for $map {
            type Name = N;
            type Value = V;
            type OrNone = Option<V>;

            fn part(mut self, names: &[N]) -> Result<Vec<Option<V>>, Self> {
                // Two elements of one name: one value cannot be taken out twice.
                if names.iter().collect::<$names<_>>().len() < names.len() {
                    return Err(self);
                }
                Ok(names.iter().map(|name| self.remove(name)).collect())
            }

            fn gather(values: impl Iterator<Item = (N, Option<V>)>) -> Self {
                values.filter_map(|(name, value)| Some((name, value?))).collect()
            }

            fn or_none(value: Option<V>) -> Option<Option<V>> {
                Some(value)
            }

            fn from_or_none(stored: Option<V>) -> Option<V> {
                stored
            }
        }

        impl<$($named)*> NamedBy<N> for $of {
            fn name(element: &N) -> M {
                element.clone().into()
            }
        }
    )*};
}
maps! {
    HashMap<N, V, S>, HashSet, [N: Hash + Eq, V, S: BuildHasher + Default],
    [N: Hash + Eq + Clone + Into<M>, M: Hash + Eq, V, S: BuildHasher + Default] HashMap<M, V, S>;
    BTreeMap<N, V>, BTreeSet, [N: Ord, V],
    [N: Clone + Into<M>, M: Ord, V] BTreeMap<M, V>;
}

impl<V> Each for Vec<V> {
    type Name = ();
    type Value = V;
    type OrNone = V;

    fn part(self, names: &[()]) -> Result<Vec<Option<V>>, Self> {
        if self.len() != names.len() {
            return Err(self);
        }
        Ok(self.into_iter().map(Some).collect())
    }

    fn gather(values: impl Iterator<Item = ((), Option<V>)>) -> Self {
        values.filter_map(|(_, value)| value).collect()
    }

    fn or_none(value: Option<V>) -> Option<V> {
        value
    }

    fn from_or_none(stored: V) -> Option<V> {
        Some(stored)
    }
}

impl<T, V> NamedBy<T> for Vec<V> {
    fn name(_element: &T) {}
}

/// What an expansion has to name of a batch function's return type, in a `Result` or not.
#[diagnostic::on_unimplemented(
    message = "a batch function cannot return `{Self}`",
    label = "neither a map by element nor a list in the order of the elements",
    note = "return a `HashMap` or a `BTreeMap` from elements to values, or a `Vec` with one value for each element, in their order; each may be in a `Result`"
)]
pub trait EachReturn {
    /// What is stored for an element where absence is not remembered.
    type Value;
    /// What is stored for an element where it is.
    type OrNone;
}

macro_rules! each_return {
    ($([$($generic:tt)*] $collection:ty),*) => {$(
        impl<$($generic)*> EachReturn for $collection
        where
            Self: Each,
        {
            type Value = <Self as Each>::Value;
            type OrNone = <Self as Each>::OrNone;
        }
    )*};
}
each_return!([N, V, S] HashMap<N, V, S>, [N, V] BTreeMap<N, V>, [V] Vec<V>);

impl<C: EachReturn, E> EachReturn for Result<C, E> {
    type Value = C::Value;
    type OrNone = C::OrNone;
}

/// What is stored of a collection: its values, or also which elements it has no value for.
pub trait Absence<C: Each>: Copy {
    /// What an entry holds.
    type Entry;

    /// Makes an entry; `None` if nothing is to be stored.
    fn entry(value: Option<C::Value>) -> Option<Self::Entry>;

    /// Makes a value of an entry.
    fn value(entry: Self::Entry) -> Option<C::Value>;
}

/// Elements without a value are asked for again each time.
#[derive(Clone, Copy, Debug)]
pub struct AbsentForgotten;

/// Elements without a value are entries with `None`; what `none_timeout` means to a map.
#[derive(Clone, Copy, Debug)]
pub struct AbsentRemembered;

impl<C: Each> Absence<C> for AbsentForgotten {
    type Entry = C::Value;

    fn entry(value: Option<C::Value>) -> Option<C::Value> {
        value
    }

    fn value(entry: C::Value) -> Option<C::Value> {
        Some(entry)
    }
}

impl<C: Each> Absence<C> for AbsentRemembered {
    type Entry = C::OrNone;

    fn entry(value: Option<C::Value>) -> Option<C::OrNone> {
        C::or_none(value)
    }

    fn value(entry: C::OrNone) -> Option<C::Value> {
        C::from_or_none(entry)
    }
}

//! Everything about a function that its types decide.

use std::marker::PhantomData;

use super::policy::Rules;
use super::returns::Shape;
use super::value_codec::{Wire, WireOf};
use crate::codec::Codec;
use crate::value::{MemoryValue, StoredValue};

/// A function's plan: everything about it that its types decide.
///
/// The return type is one of its own types and not a parameter. A future has some of them in it while
/// it waits; the compiler then asks whether it is `Send` for any lifetimes in place of those of the
/// return type, even of `'static`, and only for the latter is there a plan.
pub trait Planned: Copy + Send + Sync + 'static {
    /// What the function returns.
    type Returned: 'static;
    /// What is stored.
    type Value: Send + Sync + 'static;
    /// How it relates to what is returned.
    type Shape: Shape<Self::Returned, Value = Self::Value>;

    /// Copies a value for one more caller; `None` when that fails.
    fn copy(value: &Self::Value) -> Option<Self::Value>;

    /// Makes the rules.
    fn rules(self) -> Rules<Self::Value>;

    /// Returns how values leave the process, if they do.
    #[doc(hidden)]
    fn wire(self) -> WireOf<Self::Value>;
}

/// The plan of a function that returns an `R`.
///
/// The macro returns it as `impl PlanFor<R>`, because only the compiler knows the types in it.
pub trait PlanFor<R>: Planned<Returned = R> {}

impl<R, P: Planned<Returned = R>> PlanFor<R> for P {}

/// How values are copied for one more caller, and how they leave the process.
pub trait Copying<V>: Copy + Send + Sync + 'static {
    /// Copies a value; `None` when that fails.
    fn copy(value: &V) -> Option<V>;

    /// Returns how values leave the process, if they do.
    #[doc(hidden)]
    fn wire() -> WireOf<V>;
}

/// Values are cloned, and stay in the process.
#[derive(Clone, Copy, Debug)]
struct Cloned;

/// Values are copied through their bytes.
#[derive(Clone, Copy, Debug)]
struct Encoded;

/// Values are cloned, and leave the process.
#[derive(Clone, Copy, Debug)]
struct ClonedAndEncoded;

impl<V: MemoryValue> Copying<V> for Cloned {
    #[inline]
    fn copy(value: &V) -> Option<V> {
        Some(value.clone())
    }

    fn wire() -> WireOf<V> {
        WireOf(None)
    }
}

impl<V: StoredValue> Copying<V> for Encoded {
    fn copy(value: &V) -> Option<V> {
        Codec::MessagePack.encode(value).ok()?.decode().ok()
    }

    fn wire() -> WireOf<V> {
        WireOf(Some(Wire::serde()))
    }
}

impl<V: MemoryValue + StoredValue> Copying<V> for ClonedAndEncoded {
    #[inline]
    fn copy(value: &V) -> Option<V> {
        Some(value.clone())
    }

    fn wire() -> WireOf<V> {
        WireOf(Some(Wire::serde()))
    }
}

/// What makes the rules of a function.
type Build<V> = fn(Rules<V>) -> Rules<V>;

/// The one implementation of [`Planned`].
///
/// Functions that return the same have plans of the same type, so that they share all code that is
/// generic over it.
pub struct Plan<R, S: Shape<R>, C> {
    _types: PhantomData<fn(R) -> (S, C)>,
    build: Build<S::Value>,
}

impl<R, S: Shape<R>, C> Plan<R, S, C> {
    fn new() -> Self {
        Self { _types: PhantomData, build: |rules| rules }
    }

    /// Says how the rules are made.
    ///
    /// Apart from what makes the plan, so that the compiler does not complain of a value's type at
    /// this closure.
    #[must_use]
    pub fn ruled_by(self, build: fn(Rules<S::Value>) -> Rules<S::Value>) -> Self {
        Self { build, ..self }
    }
}

impl<R, S: Shape<R>, C> Clone for Plan<R, S, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, S: Shape<R>, C> Copy for Plan<R, S, C> {}

impl<R, S, C> Planned for Plan<R, S, C>
where
    R: 'static,
    S: Shape<R> + 'static,
    S::Value: Send + Sync + 'static,
    C: Copying<S::Value>,
{
    type Returned = R;
    type Value = S::Value;
    type Shape = S;

    #[inline]
    fn copy(value: &S::Value) -> Option<S::Value> {
        C::copy(value)
    }

    fn rules(self) -> Rules<S::Value> {
        (self.build)(Rules::new())
    }

    fn wire(self) -> WireOf<S::Value> {
        C::wire()
    }
}

/// The plan of a function whose results stay in memory.
pub fn in_memory<R, S>(_shape: S) -> Plan<R, S, impl Copying<S::Value>>
where
    S: Shape<R>,
    S::Value: MemoryValue,
{
    Plan::<R, S, Cloned>::new()
}

/// The plan of a function whose results are in stores only; a value is copied through its bytes.
pub fn in_stores<R, S>(_shape: S) -> Plan<R, S, impl Copying<S::Value>>
where
    S: Shape<R>,
    S::Value: StoredValue,
{
    Plan::<R, S, Encoded>::new()
}

/// The plan of a function whose results are in memory and in stores below it.
pub fn in_both<R, S>(_shape: S) -> Plan<R, S, impl Copying<S::Value>>
where
    S: Shape<R>,
    S::Value: MemoryValue + StoredValue,
{
    Plan::<R, S, ClonedAndEncoded>::new()
}

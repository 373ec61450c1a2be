//! What the attribute says about values: the layers' lifetimes, and what is stored at all.

use std::marker::PhantomData;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::shape::Shape;
use crate::codec::{Codec, Envelope, Opened, Packing};
use crate::value::{MemoryValue, StoredValue};
use crate::{Error, RemovalCause, Timeout};

/// How long values live in one layer.
pub struct Lifetime<V> {
    fresh: Fresh<V>,
    none: Option<Fresh<V>>,
}

enum Fresh<V> {
    StoreDefault,
    Fixed(Timeout),
    Adaptive(fn(&V) -> Duration),
    /// The value carries its own, or leaves it to the store.
    Carried(fn(&V) -> Option<Timeout>),
    Skip,
}

impl<V> Lifetime<V> {
    /// As long as the store has it.
    pub fn store_default() -> Self {
        Self { fresh: Fresh::StoreDefault, none: None }
    }

    /// Until evicted.
    pub fn never() -> Self {
        Self { fresh: Fresh::Fixed(Timeout::Never), none: None }
    }

    /// This long.
    pub fn fixed(after: Duration) -> Self {
        Self { fresh: Fresh::Fixed(Timeout::After(after)), none: None }
    }

    /// As long as a function of the value says.
    pub fn adaptive(of: fn(&V) -> Duration) -> Self {
        Self { fresh: Fresh::Adaptive(of), none: None }
    }

    pub(crate) fn carried(of: fn(&V) -> Option<Timeout>) -> Self {
        Self { fresh: Fresh::Carried(of), none: None }
    }

    /// Another lifetime for `None`.
    #[must_use]
    pub fn none(self, none: Lifetime<V>) -> Self {
        Self { none: Some(none.fresh), ..self }
    }

    /// No life at all for `None`.
    #[must_use]
    pub fn none_skipped(self) -> Self {
        Self { none: Some(Fresh::Skip), ..self }
    }
}

/// What the attribute says about values.
pub struct Rules<V> {
    layers: Vec<Lifetime<V>>,
    when: Option<fn(&V) -> bool>,
    is_none: Option<fn(&V) -> bool>,
    pub(crate) memory: MemoryRules<V>,
}

/// What the attribute says about the values in the memory layer.
pub(crate) struct MemoryRules<V> {
    pub(crate) weigh: Option<fn(&V) -> usize>,
    pub(crate) priority: Option<fn(&V) -> u8>,
    pub(crate) on_removal: Option<fn(&V, RemovalCause)>,
}

impl<V> Rules<V> {
    pub(crate) fn new() -> Self {
        let memory = MemoryRules { weigh: None, priority: None, on_removal: None };
        Self { layers: Vec::new(), when: None, is_none: None, memory }
    }

    /// Adds a layer below those that are there.
    #[must_use]
    pub fn layer(mut self, lifetime: Lifetime<V>) -> Self {
        self.layers.push(lifetime);
        self
    }

    /// Stores only what a function accepts.
    #[must_use]
    pub fn when(mut self, accepts: fn(&V) -> bool) -> Self {
        self.when = Some(accepts);
        self
    }

    /// Says which values are `None`.
    #[must_use]
    pub fn is_none(mut self, is_none: fn(&V) -> bool) -> Self {
        self.is_none = Some(is_none);
        self
    }

    /// Says how many bytes an entry takes of a memory that is bounded in bytes.
    #[must_use]
    pub fn weigh(mut self, bytes: fn(&V) -> usize) -> Self {
        self.memory.weigh = Some(bytes);
        self
    }

    /// Says who leaves a full memory first: the entry of the lowest priority.
    #[must_use]
    pub fn priority(mut self, of: fn(&V) -> u8) -> Self {
        self.memory.priority = Some(of);
        self
    }

    /// Hears of each entry that left memory.
    #[must_use]
    pub fn on_removal(mut self, hears: fn(&V, RemovalCause)) -> Self {
        self.memory.on_removal = Some(hears);
        self
    }

    /// Tells whether a layer has a lifetime of zero; a literal one does not compile, an expression
    /// can turn out so.
    pub(crate) fn has_zero(&self) -> bool {
        let zero = |layer: &Lifetime<V>| {
            matches!(layer.fresh, Fresh::Fixed(Timeout::After(Duration::ZERO)))
        };
        self.layers.iter().any(zero)
    }

    pub(super) fn accepts(&self, value: &V) -> bool {
        self.when.is_none_or(|accepts| accepts(value))
    }

    /// Returns what decides how long a layer keeps a value.
    fn fresh(&self, layer: usize, value: &V) -> &Fresh<V> {
        let is_none = || self.is_none.is_some_and(|is_none| is_none(value));
        match self.layers.get(layer) {
            Some(Lifetime { none: Some(none), .. }) if is_none() => none,
            Some(lifetime) => &lifetime.fresh,
            // Nothing was said of any layer.
            None => &Fresh::StoreDefault,
        }
    }

    /// Returns the time that a layer keeps values like this one for, if that is always the same.
    pub(super) fn fixed(&self, layer: usize, value: &V) -> Option<Duration> {
        let Fresh::Fixed(Timeout::After(fixed)) = self.fresh(layer, value) else { return None };
        Some(*fixed)
    }

    /// Returns how long a layer keeps a value by itself; `None` when it does not.
    pub(super) fn own(&self, layer: usize, value: &V, default: Timeout) -> Option<Timeout> {
        let timeout = match self.fresh(layer, value) {
            Fresh::StoreDefault => default,
            Fresh::Fixed(timeout) => *timeout,
            Fresh::Adaptive(of) => Timeout::After(of(value)),
            Fresh::Carried(of) => of(value).unwrap_or(default),
            Fresh::Skip => return None,
        };
        (timeout != Timeout::After(Duration::ZERO)).then_some(timeout)
    }
}

/// How an entry is written, and what stands in it beside its value.
pub(crate) struct Seal<'a> {
    pub(crate) packing: &'a Packing,
    pub(crate) created_millis: u64,
    pub(crate) fresh: Timeout,
    pub(crate) check: u64,
}

/// How an entry is read, of which key and when.
pub(crate) struct Look<'a> {
    pub(crate) packing: &'a Packing,
    pub(crate) check: u64,
    pub(crate) now_millis: u64,
}

type SealFn<V> = fn(&V, Seal<'_>) -> Result<Vec<u8>, Error>;
type OpenFn<V> = fn(Vec<u8>, Look<'_>) -> Result<Option<(V, Timeout)>, Error>;

/// How values become entries of stores and come back.
pub(crate) struct Wire<V> {
    pub(crate) seal: SealFn<V>,
    /// Nothing if the entry's time is over.
    pub(crate) open: OpenFn<V>,
}

impl<V> Clone for Wire<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Wire<V> {}

impl<V: Serialize + DeserializeOwned> Wire<V> {
    fn serde() -> Self {
        Self {
            seal: |value, seal| {
                let Seal { packing, created_millis, fresh, check } = seal;
                let value = packing.codec.encode(value)?;
                let envelope = Envelope { created_millis, fresh, check, value };
                envelope.to_bytes(&packing.compression)
            },
            open: |bytes, Look { packing, check, now_millis }| match Envelope::open(
                &bytes, check, now_millis, packing,
            ) {
                Opened::Fresh(encoded, left) => Ok(Some((encoded.decode()?, left))),
                Opened::Expired => Ok(None),
                Opened::Unreadable(why) => Err(why),
            },
        }
    }
}

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

/// Hides [`Wire`] from the signature of a public trait.
pub struct WireOf<V>(pub(crate) Option<Wire<V>>);

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

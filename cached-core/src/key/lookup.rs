//! Typed keys: a list of borrowed arguments that finds its owned twin, and becomes one on insert.
//!
//! Three kinds of part exist, because arguments differ in what they can do. The macro does not know
//! types, so [`Probe`] picks the kind by method resolution: the first of the candidates whose
//! bounds hold.
//!
//! Why it is so: `docs/decisions/0003-typed-keys-everywhere.md`.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};

use equivalent::Equivalent;

use super::{CacheKey, KeyWriter};

/// One argument in a key, borrowed.
pub trait Part: Hash {
    /// What is kept when the entry is.
    type Owned: Hash + Eq + Clone + Send + Sync + 'static;

    /// Tells whether the owned value is this argument.
    fn is(&self, owned: &Self::Owned) -> bool;

    /// Makes the owned value.
    fn to_owned(&self) -> Self::Owned;

    /// Writes the argument's text; false when it has none, and nothing was written.
    fn write(&self, key: &mut KeyWriter) -> bool;

    /// Returns the part's name if nobody has set it: there is no key then.
    #[inline]
    fn missing(&self) -> Option<&'static str> {
        None
    }
}

/// An argument that only memory can tell apart: it has no text.
#[derive(Debug)]
pub struct TypedPart<'a, A: ?Sized>(&'a A);

/// An argument that memory finds by reference, and that has a text for the stores.
#[derive(Debug)]
pub struct TypedTextPart<'a, A: ?Sized>(&'a A);

/// An argument that is told apart by its text everywhere, such as a float or a map.
#[derive(Debug, Hash)]
pub struct TextPart(Box<str>);

impl<A: Hash + ?Sized> Hash for TypedPart<'_, A> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<A: Hash + ?Sized> Hash for TypedTextPart<'_, A> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<A> Part for TypedPart<'_, A>
where
    A: Hash + Eq + ToOwned + ?Sized,
    A::Owned: Hash + Eq + Clone + Send + Sync + 'static,
{
    type Owned = A::Owned;

    #[inline]
    fn is(&self, owned: &A::Owned) -> bool {
        self.0 == owned.borrow()
    }

    fn to_owned(&self) -> A::Owned {
        self.0.to_owned()
    }

    fn write(&self, _key: &mut KeyWriter) -> bool {
        false
    }
}

impl<A> Part for TypedTextPart<'_, A>
where
    A: CacheKey + Hash + Eq + ToOwned + ?Sized,
    A::Owned: Hash + Eq + Clone + Send + Sync + 'static,
{
    type Owned = A::Owned;

    #[inline]
    fn is(&self, owned: &A::Owned) -> bool {
        self.0 == owned.borrow()
    }

    fn to_owned(&self) -> A::Owned {
        self.0.to_owned()
    }

    fn write(&self, key: &mut KeyWriter) -> bool {
        self.0.write_key(key);
        true
    }
}

impl Part for TextPart {
    type Owned = Box<str>;

    fn is(&self, owned: &Box<str>) -> bool {
        self.0 == *owned
    }

    fn to_owned(&self) -> Box<str> {
        self.0.clone()
    }

    fn write(&self, key: &mut KeyWriter) -> bool {
        key.literal(&self.0);
        true
    }
}

/// Picks the kind of `Part` for an argument; made by the macro around each one.
#[derive(Debug)]
pub struct Probe<'a, A: ?Sized>(pub &'a A);

impl<'a, A> Probe<'a, A>
where
    A: CacheKey + Hash + Eq + ToOwned + ?Sized,
    A::Owned: Hash + Eq + Clone + Send + Sync + 'static,
{
    /// The part for a function whose results stay in memory.
    #[inline]
    pub fn memory_part(self) -> TypedTextPart<'a, A> {
        TypedTextPart(self.0)
    }

    /// The part for a function whose results may leave the process.
    #[inline]
    pub fn shared_part(self) -> TypedTextPart<'a, A> {
        TypedTextPart(self.0)
    }
}

impl<A: ?Sized> Probe<'_, A> {
    /// The part for an argument that borrows inside, of which no owned twin exists.
    pub fn text_part(self) -> TextPart
    where
        A: CacheKey,
    {
        TextPart(KeyWriter::text_of(self.0).into_boxed_str())
    }
}

/// The second choice of [`Probe`].
pub trait ProbeTyped<'a, A: ?Sized> {
    /// The part for a function whose results stay in memory.
    fn memory_part(self) -> TypedPart<'a, A>;
}

impl<'a, A> ProbeTyped<'a, A> for Probe<'a, A>
where
    A: Hash + Eq + ToOwned + ?Sized,
    A::Owned: Hash + Eq + Clone + Send + Sync + 'static,
{
    #[inline]
    fn memory_part(self) -> TypedPart<'a, A> {
        TypedPart(self.0)
    }
}

/// The last choice of [`Probe`]: it takes every type, so that the compiler's complaint is one, about
/// [`CacheKey`].
pub trait ProbeText<A: ?Sized> {
    /// The part for a function whose results stay in memory.
    fn memory_part(self) -> TextPart
    where
        A: CacheKey;

    /// The part for a function whose results may leave the process.
    fn shared_part(self) -> TextPart
    where
        A: CacheKey;
}

impl<A: ?Sized> ProbeText<A> for &Probe<'_, A> {
    fn memory_part(self) -> TextPart
    where
        A: CacheKey,
    {
        Probe(self.0).text_part()
    }

    fn shared_part(self) -> TextPart
    where
        A: CacheKey,
    {
        Probe(self.0).text_part()
    }
}

/// A borrowed value that may itself be a reference, which is then seen through.
#[derive(Debug)]
pub struct Place<'a, T: ?Sized>(pub &'a T);

impl<'b, T: ?Sized> Place<'_, &'b T> {
    /// What the reference points to, for as long as it does.
    #[inline]
    pub fn value(self) -> &'b T {
        self.0
    }
}

/// The second choice of [`Place`].
pub trait PlaceOwned<'a, T: ?Sized> {
    /// The value itself.
    fn value(self) -> &'a T;
}

impl<'a, T: ?Sized> PlaceOwned<'a, T> for Place<'a, T> {
    #[inline]
    fn value(self) -> &'a T {
        self.0
    }
}

/// All arguments of a key, borrowed: a list `(part, (part, (.., ())))` of any length.
pub trait Lookup: Hash {
    /// What is kept when the entry is.
    type Key: Hash + Eq + Clone + Send + Sync + 'static;

    /// Tells whether the owned key is this one.
    fn is(&self, key: &Self::Key) -> bool;

    /// Makes the owned key.
    fn to_key(&self) -> Self::Key;

    /// Appends the text of the part with a number; `None` when it has no text, or is not there.
    fn append_part(&self, number: usize, out: String) -> Option<String>;

    /// Returns the name of a part that nobody has set.
    #[inline]
    fn missing(&self) -> Option<&'static str> {
        None
    }

    /// Tells whether all parts are set, so that there is a key.
    #[inline]
    fn is_complete(&self) -> bool {
        self.missing().is_none()
    }
}

impl Lookup for () {
    type Key = ();

    #[inline]
    fn is(&self, _key: &()) -> bool {
        true
    }

    fn to_key(&self) {}

    fn append_part(&self, _number: usize, _out: String) -> Option<String> {
        None
    }
}

impl<P: Part, Rest: Lookup> Lookup for (P, Rest) {
    type Key = (P::Owned, Rest::Key);

    #[inline]
    fn is(&self, key: &Self::Key) -> bool {
        self.0.is(&key.0) && self.1.is(&key.1)
    }

    fn to_key(&self) -> Self::Key {
        (self.0.to_owned(), self.1.to_key())
    }

    fn append_part(&self, number: usize, out: String) -> Option<String> {
        if number > 0 {
            return self.1.append_part(number - 1, out);
        }
        let mut writer = KeyWriter::after(out);
        self.0.write(&mut writer).then(|| writer.finish())
    }

    #[inline]
    fn missing(&self) -> Option<&'static str> {
        self.0.missing().or_else(|| self.1.missing())
    }
}

/// A [`Lookup`] in the form that the memory layer's map takes.
pub(crate) struct Borrowed<'a, L>(pub(crate) &'a L);

impl<L: Lookup> Hash for Borrowed<'_, L> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<L: Lookup> Equivalent<L::Key> for Borrowed<'_, L> {
    #[inline]
    fn equivalent(&self, key: &L::Key) -> bool {
        self.0.is(key)
    }
}

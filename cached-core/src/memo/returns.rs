//! What of a function's return value is stored: all of it, or the `Ok` of a `Result`.
//!
//! Decided by the type and not by the word `Result` in the source, so that aliases work. One impl
//! for `Result` and one for everything else would overlap, so [`ShapeProbe`] picks one of three
//! markers by method resolution.
//!
//! Why it is so: `docs/decisions/0002-types-by-resolution.md`.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::flight::SharedError;

/// Takes a return value apart and puts it together again.
pub trait Shape<R>: Copy {
    /// What is stored.
    type Value;

    /// Returns what to store, or the whole return value if it is not for storing.
    fn split(returned: R) -> Result<Self::Value, R>;

    /// Makes a return value of a stored one.
    fn join(value: Self::Value) -> R;

    /// Copies a failure for other calls, if it can be copied.
    fn share(failed: &R) -> Option<SharedError>;

    /// Makes a return value of such a copy.
    fn unshare(shared: &SharedError) -> Option<R>;
}

/// The return value is stored as it is.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

/// `Ok` is stored; `Err` goes to the caller whose call it was.
#[derive(Clone, Copy, Debug)]
pub struct Fallible;

/// `Ok` is stored; `Err` goes to every caller that waited.
#[derive(Clone, Copy, Debug)]
pub struct FallibleShared;

impl<R> Shape<R> for Plain {
    type Value = R;

    fn split(returned: R) -> Result<R, R> {
        Ok(returned)
    }

    #[inline]
    fn join(value: R) -> R {
        value
    }

    fn share(_failed: &R) -> Option<SharedError> {
        None
    }

    fn unshare(_shared: &SharedError) -> Option<R> {
        None
    }
}

impl<T, E> Shape<Result<T, E>> for Fallible {
    type Value = T;

    fn split(returned: Result<T, E>) -> Result<T, Result<T, E>> {
        returned.map_err(Err)
    }

    #[inline]
    fn join(value: T) -> Result<T, E> {
        Ok(value)
    }

    fn share(_failed: &Result<T, E>) -> Option<SharedError> {
        None
    }

    fn unshare(_shared: &SharedError) -> Option<Result<T, E>> {
        None
    }
}

impl<T, E: Clone + Send + Sync + 'static> Shape<Result<T, E>> for FallibleShared {
    type Value = T;

    fn split(returned: Result<T, E>) -> Result<T, Result<T, E>> {
        returned.map_err(Err)
    }

    #[inline]
    fn join(value: T) -> Result<T, E> {
        Ok(value)
    }

    fn share(failed: &Result<T, E>) -> Option<SharedError> {
        failed.as_ref().err().map(|error| Arc::new(error.clone()) as SharedError)
    }

    fn unshare(shared: &SharedError) -> Option<Result<T, E>> {
        let shared: &(dyn Any + Send + Sync) = &**shared;
        shared.downcast_ref::<E>().map(|error| Err(error.clone()))
    }
}

/// Picks the `Shape` of a return type.
pub struct ShapeProbe<R>(PhantomData<fn() -> R>);

impl<R> ShapeProbe<R> {
    /// The probe for a return type.
    #[allow(clippy::new_without_default, reason = "only macros make one")]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T, E: Clone + Send + Sync + 'static> ShapeProbe<Result<T, E>> {
    /// The first choice.
    pub fn shape(self) -> FallibleShared {
        FallibleShared
    }
}

/// The second choice of [`ShapeProbe`].
pub trait ShapeFallible {
    /// Picks it.
    fn shape(self) -> Fallible;
}

impl<T, E> ShapeFallible for ShapeProbe<Result<T, E>> {
    fn shape(self) -> Fallible {
        Fallible
    }
}

/// The last choice of [`ShapeProbe`].
pub trait ShapePlain {
    /// Picks it.
    fn shape(self) -> Plain;
}

impl<R> ShapePlain for &ShapeProbe<R> {
    fn shape(self) -> Plain {
        Plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Alias = std::io::Result<u8>;

    #[test]
    fn the_type_decides_and_not_its_name() {
        let _: Plain = ShapeProbe::<u32>::new().shape();
        let _: Plain = ShapeProbe::<Option<Result<u8, u8>>>::new().shape();
        let _: FallibleShared = ShapeProbe::<Result<u8, String>>::new().shape();
        // `std::io::Error` cannot be cloned.
        let _: Fallible = ShapeProbe::<Alias>::new().shape();
    }

    #[test]
    fn a_shared_error_comes_back_as_itself() {
        let shared = FallibleShared::share(&Err::<u8, _>(String::from("gone"))).unwrap();
        let back: Option<Result<u8, String>> = FallibleShared::unshare(&shared);
        assert_eq!(back, Some(Err("gone".into())));
    }
}

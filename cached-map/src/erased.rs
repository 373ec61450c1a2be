//! A reference whose type only its users know.

#![allow(unsafe_code, reason = "`Any` cannot be downcast without a call through its table yet")]

use std::any::{Any, TypeId};

/// A reference of any type that lives for ever.
///
/// Unlike a `&dyn Any` it knows the type without a call through a table, which would be a tenth of a hit.
///
/// Invariant: `of` is the type of `value`.
#[derive(Clone, Copy)]
pub struct Erased {
    of: TypeId,
    value: &'static (dyn Any + Send + Sync),
}

impl Erased {
    /// Makes one from a reference.
    pub fn new<T: Any + Send + Sync>(value: &'static T) -> Self {
        Self { of: TypeId::of::<T>(), value }
    }

    /// Returns the reference if it is one of this type.
    #[inline]
    #[must_use]
    pub fn get<T: Any>(&self) -> Option<&'static T> {
        if self.of != TypeId::of::<T>() {
            return None;
        }
        // SAFETY: by the invariant it is a `T`, and it is borrowed for ever.
        Some(unsafe { &*std::ptr::from_ref(self.value).cast::<T>() })
    }
}

impl std::fmt::Debug for Erased {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Erased").field("of", &self.of).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_own_type_alone() {
        static VALUE: &str = "a value";
        let erased = Erased::new(&VALUE);
        assert_eq!(erased.get::<&str>(), Some(&"a value"));
        assert!(erased.get::<String>().is_none());
        assert!(erased.get::<&'static (dyn Any + Send + Sync)>().is_none());
    }
}

//! A value whose type only its users know.

use std::any::{Any, TypeId};

/// A value of any type that lives for ever. Unlike a `&dyn Any` it knows the type without a call,
/// which would be a tenth of a hit.
///
/// Invariant: `of` is the type of `value`.
#[derive(Clone, Copy)]
pub(super) struct Erased {
    of: TypeId,
    value: &'static (dyn Any + Send + Sync),
}

impl Erased {
    pub(super) fn new<T: Any + Send + Sync>(value: &'static T) -> Self {
        Self { of: TypeId::of::<T>(), value }
    }

    /// Returns the value if it is of this type.
    #[inline]
    #[allow(unsafe_code, reason = "std does not offer this yet; see `downcast_ref_unchecked`")]
    pub(super) fn get<T: Any>(&self) -> Option<&'static T> {
        if self.of != TypeId::of::<T>() {
            return None;
        }
        // SAFETY: by the invariant it is a `T`, and it is borrowed for ever.
        Some(unsafe { &*std::ptr::from_ref(self.value).cast::<T>() })
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

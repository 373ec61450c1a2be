//! A value whose type only its users know.

use std::any::{Any, TypeId};

/// A value of any type. Unlike a `Box<dyn Any>` it knows the type without a call, which would be a
/// tenth of a hit.
///
/// Invariant: `of` is the type of `value`.
pub(super) struct Erased {
    of: TypeId,
    value: Box<dyn Any + Send + Sync>,
}

impl Erased {
    pub(super) fn new<T: Any + Send + Sync>(value: T) -> Self {
        Self { of: TypeId::of::<T>(), value: Box::new(value) }
    }

    /// Returns the value if it is of this type.
    #[inline]
    #[allow(unsafe_code, reason = "std does not offer this yet; see `downcast_ref_unchecked`")]
    pub(super) fn get<T: Any>(&self) -> Option<&T> {
        if self.of != TypeId::of::<T>() {
            return None;
        }
        // SAFETY: by the invariant it is a `T`, and it is borrowed as long as `self`.
        Some(unsafe { &*std::ptr::from_ref(&*self.value).cast::<T>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_own_type_alone() {
        let erased = Erased::new(String::from("a value"));
        assert_eq!(erased.get::<String>().map(String::as_str), Some("a value"));
        assert!(erased.get::<&str>().is_none());
        assert!(erased.get::<Box<dyn Any + Send + Sync>>().is_none());
    }
}

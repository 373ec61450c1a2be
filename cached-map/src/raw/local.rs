//! Visits to the domain: while one lasts, nothing that it finds in a table is freed.

use std::marker::PhantomData;

use super::reclaim::Record;
use super::shim;

/// The proof that this thread has entered the domain.
pub(crate) struct Pin {
    /// Made and used on one thread.
    _local: PhantomData<*const ()>,
}

/// A stay in the domain; it ends when this is dropped, also by a panic.
struct Stay {
    record: &'static Record,
    /// False if the thread was there before: the visit that entered leaves after this, because all of it is
    /// nested.
    entered: bool,
    /// Whether the record was claimed for this stay alone.
    own: bool,
}

impl Drop for Stay {
    #[inline]
    fn drop(&mut self) {
        if self.entered {
            self.record.leave();
        }
        if self.own {
            self.record.release();
        }
    }
}

/// What is done in the domain. Not a closure, because a closure cannot be made to be inlined, and the
/// compiler does not do so by itself where functions of the same types share one.
pub(crate) trait Visit {
    type Output;

    fn visit(self, pin: &Pin) -> Self::Output;
}

/// Makes a visit, while nothing that it finds in a table is freed.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn pinned<V: Visit>(visit: V) -> V::Output {
    let (record, own) = shim::record();
    let _stay = Stay { record, entered: record.enter(shim::domain()), own };
    visit.visit(&Pin { _local: PhantomData })
}

/// Calls a closure in the domain.
#[cfg(test)]
pub(super) fn pinned_call<R>(f: impl FnOnce(&Pin) -> R) -> R {
    struct Call<F>(F);
    impl<F: FnOnce(&Pin) -> R, R> Visit for Call<F> {
        type Output = R;

        fn visit(self, pin: &Pin) -> R {
            (self.0)(pin)
        }
    }
    pinned(Call(f))
}

/// Runs `f`, unless this thread is already within such a call: destructors that run there may come
/// back, and must not go deeper and deeper.
pub(super) fn collecting(f: impl FnOnce()) {
    struct Done;
    impl Drop for Done {
        fn drop(&mut self) {
            shim::set_collecting(false);
        }
    }
    if !shim::set_collecting(true) {
        let _done = Done;
        f();
    }
}

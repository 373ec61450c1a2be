//! Running code of the user's where a panic in it must not reach the caller.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs code of the user's and returns its result; `None` if it panics, which the panic hook has
/// reported then.
///
/// What `run` changes must be usable after a panic.
pub(crate) fn contain<T>(run: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => Some(result),
        Err(payload) => {
            // Its destructor could panic as well.
            std::mem::forget(payload);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("a payload that panics on purpose");
        }
    }

    #[test]
    fn panics_end_here_and_results_do_not() {
        assert_eq!(contain(|| 7), Some(7));
        assert_eq!(contain(|| panic!("on purpose")), None::<u8>);
        assert_eq!(contain(|| std::panic::panic_any(Bomb)), None::<u8>);
    }
}

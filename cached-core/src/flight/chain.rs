//! Call chains: which flights the running code is inside of.
//!
//! A body that, directly or through other cached functions, calls for the key it is computing would
//! wait for itself. So every leader's body carries the list of flights it is part of, set while it
//! is polled, and a call that meets one of them computes instead of waiting.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The flights a piece of code is inside of, innermost first.
pub(crate) struct Link {
    flight: u64,
    outer: Option<Arc<Link>>,
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Link>>> = const { RefCell::new(None) };
}

/// Tells whether the running code is part of a flight's computation.
pub(super) fn contains(flight: u64) -> bool {
    CURRENT.with_borrow(|current| {
        let mut link = current.as_ref();
        while let Some(inner) = link {
            if inner.flight == flight {
                return true;
            }
            link = inner.outer.as_ref();
        }
        false
    })
}

/// A body that knows that it computes a flight's value.
pub(crate) struct InChain<F> {
    link: Arc<Link>,
    body: Pin<Box<F>>,
}

impl<F: Future> InChain<F> {
    pub(crate) fn new(flight: u64, body: Pin<Box<F>>) -> Self {
        let outer = CURRENT.with_borrow(Clone::clone);
        Self { link: Arc::new(Link { flight, outer }), body }
    }
}

impl<F: Future> Future for InChain<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        struct Restore(Option<Arc<Link>>);
        impl Drop for Restore {
            fn drop(&mut self) {
                let inner = CURRENT.replace(self.0.take());
                drop(inner);
            }
        }
        let _restore = Restore(CURRENT.replace(Some(Arc::clone(&self.link))));
        self.body.as_mut().poll(cx)
    }
}

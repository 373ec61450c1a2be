//! The suite passes stores without a flaw, and no others.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this is a test, also the functions that the tests share"
)]

mod flawed;
mod flaws;
mod operations;
mod scripted;
mod six_methods;
mod sound;

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use cached_conformance::conformance::{Check, checks};
use flawed::FlawedFactory;
use flaws::{FLAWS, Flaw};

/// Runs a future as async executors do: it does not mark the thread as blocked.
fn execute<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

fn check(name: &str) -> &'static Check {
    checks().iter().find(|check| check.name() == name).unwrap()
}

#[test]
fn the_suite_notices_every_flaw() {
    for (flaw, names) in FLAWS {
        for name in *names {
            let factory = FlawedFactory::new(*flaw);
            let failure = execute(check(name).run_async(&factory))
                .expect_err(&format!("{flaw:?} passed `{name}`"));
            assert_eq!(failure.check(), *name);
        }
    }
}

#[test]
fn a_store_without_a_flaw_passes() {
    cached_conformance::conformance::run(&FlawedFactory::new(Flaw::None));
}

#[test]
fn there_is_a_flaw_for_every_check() {
    let names: BTreeSet<_> = checks().iter().map(Check::name).collect();
    assert_eq!(names.len(), checks().len(), "no name twice");
    let noticing: BTreeSet<_> = FLAWS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    assert_eq!(noticing, names);
}

#[test]
fn a_failure_names_the_check_and_the_store_and_what_was_found() {
    let factory = FlawedFactory::new(Flaw::EmptyIsAbsent);
    let failure = check("an_empty_value_is_not_absent").run(&factory).unwrap_err();
    let message = "`an_empty_value_is_not_absent`, of the store `EmptyIsAbsent`: `get`: expected \
                   Some(b\"\"), found None";
    assert_eq!(failure.to_string(), message);
    assert_eq!(format!("{failure:?}"), message, "what a test shows that returns it");
    let factory = FlawedFactory::new(Flaw::Hangs);
    let failure = check("a_value_comes_back_as_it_was_written").run(&factory).unwrap_err();
    assert!(failure.to_string().ends_with("`get` of `f:k` did not end within 100ms"), "{failure}");
    let factory = FlawedFactory::new(Flaw::Panics);
    let failure = check("bounds_are_sane").run(&factory).unwrap_err();
    assert!(failure.to_string().ends_with("it panicked: as this one must"), "{failure}");
}

#[test]
fn all_failures_of_a_run_are_listed() {
    let run = || cached_conformance::conformance::run(&FlawedFactory::new(Flaw::FoldsCase));
    let panic = std::panic::catch_unwind(run).unwrap_err();
    let message = panic.downcast::<String>().unwrap();
    assert!(message.contains("checks failed:\n- `keys_of_all_"), "{message}");
    assert!(message.contains("\n- `a_scope_ends_where_a_name_does`"), "{message}");
}

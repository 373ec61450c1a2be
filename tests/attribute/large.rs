//! Large values by value: a call must not need so many copies of one on the stack that a usual thread
//! has no room for them (finding "Behaviour" 6).

use std::future::ready;
use std::thread;

use cached_kit::{block_on, cached};

use crate::fixture::set_up;

/// What Rust gives a thread, and the runtimes give their workers.
const STACK: usize = 2 << 20;
/// In a debug build nothing is optimized: each function on the way has copies of its own.
const SIZE: usize = if cfg!(debug_assertions) { 32 << 10 } else { 96 << 10 };

type Large = [u8; SIZE];

#[cached]
fn blocking(byte: u8) -> Large {
    [byte; SIZE]
}

#[cached]
async fn waiting(byte: u8) -> Result<Large, String> {
    ready(()).await;
    Ok([byte; SIZE])
}

/// Runs on a thread whose stack has the usual size; should it not be enough, the process ends.
fn on_a_usual_thread(run: impl FnOnce() -> u8 + Send + 'static) -> u8 {
    thread::Builder::new().stack_size(STACK).spawn(run).unwrap().join().unwrap()
}

#[test]
fn a_large_value_is_computed_and_found_on_a_usual_stack() {
    set_up();
    for _ in 0..2 {
        assert_eq!(on_a_usual_thread(|| blocking(7)[SIZE - 1]), 7);
        assert_eq!(on_a_usual_thread(|| block_on(waiting(8)).unwrap()[SIZE - 1]), 8);
    }
    assert_eq!(blocking::stats().computed, 1);
    assert_eq!(waiting::stats().computed, 1);
}

//! A child made by `fork` has none of its parent's threads, and calls in it still end (findings
//! "Soundness" 7 and "Behaviour" 10).
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests fail as tests do")]

use std::process::exit;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use cached_kit::{Caches, cached};
use cached_testing::hard_timeout;
use fork::{Fork, fork, waitpid};

/// How long a call waits for another one.
const BOUND: Duration = Duration::from_millis(300);

/// What a child exits with that hangs, and one whose call returns something else.
const HANGS: i32 = 3;
const WRONG: i32 = 4;

struct Gate {
    open: Sender<()>,
    opened: Mutex<Receiver<()>>,
    entered: Sender<u64>,
}

/// What the first body of each key waits for, and where it says that it runs.
static GATE: LazyLock<(Gate, Mutex<Receiver<u64>>)> = LazyLock::new(|| {
    let ((open, opened), (entered, began)) = (channel(), channel());
    (Gate { open, opened: Mutex::new(opened), entered }, Mutex::new(began))
});

static RUNS: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

/// The first computation of a key ends when the gate is opened, and the others at once.
#[cached]
fn slow_at_first(key: u64) -> u64 {
    if RUNS[key as usize].fetch_add(1, SeqCst) == 0 {
        GATE.0.entered.send(key).unwrap();
        GATE.0.opened.lock().unwrap().recv().unwrap();
    }
    key + 10
}

/// Starts a computation that does not end until the gate is opened.
fn start(key: u64) -> thread::JoinHandle<u64> {
    let leader = thread::spawn(move || slow_at_first(key));
    assert_eq!(GATE.1.lock().unwrap().recv(), Ok(key));
    leader
}

/// Runs in a child, which exits with 0 if all is well.
fn child(run: impl FnOnce() -> u64, expected: u64) -> ! {
    thread::spawn(|| {
        let (_never, forever) = channel::<()>();
        let _ = forever.recv_timeout(Duration::from_secs(20));
        exit(HANGS);
    });
    exit(if run() == expected { 0 } else { WRONG })
}

/// Forks, and returns what the child exits with.
fn exit_code_of_child(run: impl FnOnce() -> u64, expected: u64) -> i32 {
    match fork().unwrap() {
        Fork::Child => child(run, expected),
        Fork::Parent(id) => {
            let status = waitpid(id).unwrap();
            assert_eq!(status & 0x7f, 0, "the child was ended by a signal");
            status >> 8
        }
    }
}

/// The leader of the computation that the child waits for is a thread of the parent.
#[test]
fn a_child_takes_over_what_a_thread_of_its_parent_computes() {
    Caches::builder().wait_bound(BOUND).install().unwrap();
    hard_timeout(Duration::from_secs(60), "fork", || {
        // The parent's timer runs: a call that waited has taken over.
        let leader = start(0);
        assert_eq!(slow_at_first(0), 10);
        GATE.0.open.send(()).unwrap();
        assert_eq!(leader.join().unwrap(), 10);

        let leader = start(1);
        assert_eq!(exit_code_of_child(|| slow_at_first(1), 11), 0);
        // And in a child of a child, whose own timer runs by then.
        let grandchild = || {
            assert_eq!(slow_at_first(1), 11);
            slow_at_first::clear().unwrap();
            RUNS[1].store(0, SeqCst);
            let _leader = start(1);
            u64::from(exit_code_of_child(|| slow_at_first(1), 11) == 0)
        };
        assert_eq!(exit_code_of_child(grandchild, 1), 0);
        GATE.0.open.send(()).unwrap();
        assert_eq!(leader.join().unwrap(), 11);
    });
}

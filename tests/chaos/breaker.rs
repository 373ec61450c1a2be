//! What a server that is gone costs: few attempts to connect, and hardly any time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cached_kit::{Health, ManualClock, RedisStore, cached};
use cached_testing::{ChaosProxy, Fault, Tarpit, free_port, hard_timeout};
use tokio::runtime::Runtime;

use crate::fixture::{alone, connect, install, runtime};
use crate::time::now;

const LIMIT: Duration = Duration::from_secs(60);
const CALLS: u64 = 1000;
/// How many attempts to connect a breaker takes to open.
const ATTEMPTS: usize = 5;
/// What a call may take over its body while the breaker is open.
const OVERHEAD: Duration = Duration::from_micros(100);
/// How often each call is measured; the best counts, so that another program's work does not.
const ROUNDS: u64 = 20;

static BODIES: AtomicUsize = AtomicUsize::new(0);

fn compute(id: u64) -> u64 {
    BODIES.fetch_add(1, Ordering::Relaxed);
    id + 1
}

#[cached(using = "breaker", timeout = 60)]
async fn asynchronous(id: u64) -> u64 {
    compute(id)
}

#[cached(using = "breaker", timeout = 60)]
fn blocking(id: u64) -> u64 {
    compute(id)
}

#[cached(using = "breaker", each = ids, timeout = 60)]
async fn batch(ids: &[u64]) -> Vec<u64> {
    ids.iter().map(|id| compute(*id)).collect()
}

/// Installs a store over a server, whose breaker goes by a clock that only we move.
fn installed(url: String, op_timeout: Duration) -> (RedisStore, ManualClock) {
    let time = ManualClock::new();
    let store = connect(url).op_timeout(op_timeout).clock(time.clock()).build().unwrap();
    install("breaker", store.clone());
    (store, time)
}

/// A server that is gone: who connects is turned away, and counted.
fn dead() -> ChaosProxy {
    let proxy = ChaosProxy::start(free_port().unwrap()).unwrap();
    proxy.set(Fault::Refuse);
    proxy
}

/// Makes calls while ten seconds go by, and returns how many of them were probes.
fn calls_for_ten_seconds(
    store: &RedisStore,
    time: &ManualClock,
    call: impl Fn(u64) -> u64,
) -> usize {
    let bodies = BODIES.load(Ordering::Relaxed);
    let mut probes = 0;
    for id in 0..CALLS {
        time.advance(Duration::from_secs(10) / CALLS as u32);
        let probe = Health::Down { retry_in: Duration::ZERO };
        probes += usize::from(store.health() == probe);
        assert_eq!(call(id), id + 1);
    }
    assert_eq!(BODIES.load(Ordering::Relaxed) - bodies, CALLS as usize);
    // After 1, 2 and 4 seconds, each less an eighth to a quarter.
    assert_eq!(probes, 3);
    probes
}

/// bug 55: a breaker stands before every attempt to connect.
#[test]
fn bug_55_a_thousand_calls_connect_to_a_dead_server_five_times_and_for_probes() {
    let _alone = alone();
    hard_timeout(LIMIT, "a dead server", || {
        let runtime = runtime();
        let calls: [(&str, &dyn Fn(u64) -> u64); 3] = [
            ("async", &|id| runtime.block_on(asynchronous(id))),
            ("sync", &|id| blocking(id)),
            ("batch", &|id| runtime.block_on(batch(&[id]))[0]),
        ];
        for (kind, call) in calls {
            let proxy = dead();
            let (store, time) = installed(proxy.url(), Duration::from_millis(250));
            let probes = calls_for_ten_seconds(&store, &time, call);
            let attempts = proxy.accepted();
            println!("{kind}: {attempts} attempts, of which {probes} probes");
            assert!(attempts <= ATTEMPTS + probes, "{kind}: {attempts}, {probes} probes");
            assert!(attempts > probes, "{kind}: {attempts}, {probes} probes");
        }
    });
}

/// The same for a server that accepts, and for calls that all come at once.
#[test]
fn bug_55_a_crowd_connects_no_more_often_than_one_caller() {
    let _alone = alone();
    hard_timeout(LIMIT, "a crowd", || {
        let (proxy, tarpit) = (dead(), Tarpit::start().unwrap());
        let accepted: [(String, &dyn Fn() -> usize); 2] =
            [(proxy.url(), &|| proxy.accepted()), (tarpit.url(), &|| tarpit.accepted())];
        for (url, accepted) in accepted {
            let runtime = runtime();
            let (store, _time) = installed(url, Duration::from_millis(100));
            for round in 0..2 {
                crowd(&runtime, round);
            }
            assert!(matches!(store.health(), Health::Down { .. }), "{store:?}");
            assert!((1..=ATTEMPTS).contains(&accepted()), "{}", accepted());
        }
    });
}

/// Makes all calls at the same time, a tenth of them on threads.
fn crowd(runtime: &Runtime, round: u64) {
    let id = |call: u64| (round * CALLS) + call;
    let tasks: Vec<_> =
        (0..CALLS * 9 / 10).map(|call| runtime.spawn(asynchronous(id(call)))).collect();
    std::thread::scope(|scope| {
        for thread in 0..20 {
            scope.spawn(move || {
                for call in 0..CALLS / 200 {
                    let id = id(thread * CALLS / 200 + call);
                    assert_eq!(blocking(id), id + 1);
                }
            });
        }
    });
    for (call, task) in tasks.into_iter().enumerate() {
        assert_eq!(runtime.block_on(task).unwrap(), id(call as u64) + 1);
    }
}

#[test]
fn a_call_past_an_open_breaker_costs_no_time() {
    let _alone = alone();
    hard_timeout(LIMIT, "an open breaker", || {
        let proxy = dead();
        let (store, _time) = installed(proxy.url(), Duration::from_millis(250));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for id in 0..10 {
                asynchronous(id).await;
            }
            assert!(matches!(store.health(), Health::Down { .. }));
            let mut took = Overheads::new();
            for id in took.calls() {
                let began = now();
                asynchronous(id).await;
                took.note(id, began);
            }
            took.judge("async");
            let mut took = Overheads::new();
            for id in took.calls() {
                let began = now();
                batch(&[id, id + 1, id + 2]).await;
                took.note(id, began);
            }
            took.judge("batch of three");
        });
        let mut took = Overheads::new();
        for id in took.calls() {
            let began = now();
            blocking(id);
            took.note(id, began);
        }
        took.judge("sync");
    });
}

/// What each call took, in the best of all rounds. The body takes no time worth mentioning.
struct Overheads(Vec<Duration>);

impl Overheads {
    fn new() -> Self {
        Self(vec![Duration::MAX; CALLS as usize])
    }

    fn calls(&self) -> impl Iterator<Item = u64> + use<> {
        (0..ROUNDS).flat_map(|_| 0..CALLS)
    }

    fn note(&mut self, id: u64, began: Duration) {
        let best = &mut self.0[id as usize];
        *best = (*best).min(now() - began);
    }

    fn judge(mut self, kind: &str) {
        self.0.sort_unstable();
        let at = |part: usize| self.0[(self.0.len() - 1) * part / 100];
        let (median, most, worst) = (at(50), at(99), at(100));
        println!(
            "{kind}: {median:.1?} in the middle, {most:.1?} for 99 of 100, at most {worst:.1?}"
        );
        assert!(worst <= OVERHEAD, "{kind}: {worst:?}");
    }
}

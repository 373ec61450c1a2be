//! What `#[cached]` does, one call a line: what answered it, how long that took, and why.
//!
//! ```text
//! cargo run --example quickstart
//! ```
//!
//! It needs no server and no set-up: the store called `"memory"` is always there.

use std::error::Error;
use std::fmt::Display;
use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use cached_kit::{Stats, cached};

/// The price of an item, from a service that takes its time and asks for a little more each time.
#[cached(timeout = "300ms")]
async fn price(item: &str) -> String {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    tokio::time::sleep(Duration::from_millis(40)).await;
    let cents = 100 * item.len() as u32 + ASKED.fetch_add(1, Ordering::Relaxed);
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// How many primes there are below a limit; without a `timeout`, an entry stays until it has to
/// make room for others.
#[cached(max_entries = 100)]
fn primes_below(limit: usize) -> usize {
    let mut composite = vec![false; limit];
    let mut primes = 0;
    for number in 2..limit {
        if !composite[number] {
            primes += 1;
            (number * number..limit)
                .step_by(number)
                .for_each(|multiple| composite[multiple] = true);
        }
    }
    primes
}

/// Its two calls of itself are cached calls like all others.
#[cached]
fn fibonacci(n: u64) -> u64 {
    if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

/// Makes one call of a cached function and prints a line about it.
macro_rules! show {
    ($function:ident: $call:expr, $why:literal) => {{
        let before = $function::stats();
        let start = now();
        let value = $call;
        let took = start.elapsed();
        line(stringify!($call), answered_by(&before, &$function::stats()), took, value, $why);
    }};
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    section("an async function that keeps its results for 300 ms");
    show!(price: price("tea").await, "nothing is stored yet");
    show!(price: price("tea").await, "a hit: the body does not run");
    show!(price: price("coffee").await, "other arguments, another entry");
    tokio::time::sleep(Duration::from_millis(350)).await;
    show!(price: price("tea").await, "350 ms later, it has expired");
    show!(price: price::force_update("tea").await, "computes and replaces what is stored");
    show!(price: price("tea").await, "the replacement");
    price::entry("tea").invalidate().await?;
    event(r#"price::entry("tea").invalidate().await?"#, "removes it from every layer");
    show!(price: price("tea").await, "so the body runs again");

    section("a sync function, with the same surface and no runtime");
    show!(primes_below: primes_below(500_000), "nothing is stored yet");
    show!(primes_below: primes_below(500_000), "a hit");
    show!(primes_below: primes_below::force_update(500_000), "computes again");
    primes_below::entry(500_000).invalidate()?;
    event("primes_below::entry(500_000).invalidate()?", "removes it");
    show!(primes_below: primes_below(500_000), "so the body runs again");

    section("a recursive one");
    show!(fibonacci: fibonacci(40), "the body ran 41 times, not 331160281 times");
    show!(fibonacci: fibonacci(39), "it left all the smaller ones stored");

    println!("\n100000 more hits of primes_below(500_000): {:.1?} each", time_of_hits(100_000));
    if cfg!(debug_assertions) {
        println!(
            "(a debug build; `cargo run --release --example quickstart` shows the real speed)"
        );
    }
    let Stats { hits, misses, forced, computed, .. } = price::stats();
    println!("price::stats(): {hits} hits, {misses} misses, {forced} forced, {computed} computed");
    Ok(())
}

/// Returns what one of so many hits takes on average.
fn time_of_hits(hits: u32) -> Duration {
    let start = now();
    for _ in 0..hits {
        black_box(primes_below(black_box(500_000)));
    }
    start.elapsed() / hits
}

/// Returns what answered the call between two looks at the counters.
fn answered_by(before: &Stats, after: &Stats) -> &'static str {
    if after.computed > before.computed { "the body" } else { "memory" }
}

fn section(title: &str) {
    println!("\n{title}\n");
    println!("  {:<42} {:<8} {:>9}  {:<9}  why", "call", "answered", "took", "value");
}

fn line(call: &str, answered: &str, took: Duration, value: impl Display, why: &str) {
    println!("  {call:<42} {answered:<8} {took:>9.1?}  {value:<9}  {why}");
}

fn event(call: &str, why: &str) {
    println!("  {call:<42} {:<8} {:>9}  {:<9}  {why}", "", "", "");
}

#[allow(clippy::disallowed_methods, reason = "it shows real time, which nobody needs to move")]
fn now() -> Instant {
    Instant::now()
}

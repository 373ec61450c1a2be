//! Two layers: two seconds in the memory of this process, twenty in Redis for every process.
//!
//! ```text
//! cargo run --example layered                                  # starts a Redis of its own
//! cargo run --example layered -- --redis redis://localhost/0
//! ```
//!
//! It asks one question again and again for some twenty seconds, and shows which layer answers.

use std::env;
use std::error::Error;
use std::io::ErrorKind;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cached_kit::{Caches, RedisStore, Stats, cached};
use cached_testing::RedisServer;
use tokio::time::{Instant, sleep_until};

/// The attributes are the layers, outermost first. They share one key, and one run of the body
/// fills them all.
#[cached(using = "memory", timeout = "2s")]
#[cached(using = "redis", timeout = "20s", name = "layered.headline")]
async fn headline(edition: u32) -> String {
    static WRITTEN: AtomicU32 = AtomicU32::new(0);
    let version = WRITTEN.fetch_add(1, Ordering::Relaxed) + 1;
    format!("edition {edition}, version {version}")
}

/// When it asks, in seconds since the first call, and what the answer shows.
///
/// No call comes within half a second of a moment at which an entry expires.
const CALLS: [(f64, &str); 13] = [
    (0.0, "neither layer has it: the body runs and fills both"),
    (1.0, "memory has it, until 2.0"),
    (3.0, "gone from memory; Redis has it, and fills memory until 5.0"),
    (4.0, ""),
    (6.0, "again for two seconds"),
    (7.0, ""),
    (10.0, ""),
    (11.0, ""),
    (14.0, ""),
    (15.0, ""),
    (19.0, "fills memory until 20.0 only: not longer than Redis itself has it"),
    (20.5, "so no layer has it when its time is over, and the body runs"),
    (21.5, ""),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // The server, if it is our own, ends when `_server` is dropped.
    let (url, _server) = match redis() {
        Ok(redis) => redis,
        Err(advice) => {
            eprintln!("{advice}");
            return ExitCode::from(2);
        }
    };
    match show(&url).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn show(url: &str) -> Result<(), Box<dyn Error>> {
    let redis = RedisStore::connect(url).prefix("cached-kit-examples").build()?;
    Caches::builder().store("redis", redis).install()?;
    // An earlier run may have left an entry. This reports a server that does not answer; the calls
    // below would not, because a call never fails for that.
    headline::entry(7).invalidate().await?;

    println!("{:>6}  {:<11}  {:<20}  why", "second", "answered by", "value");
    let start = Instant::now();
    for (second, why) in CALLS {
        sleep_until(start + Duration::from_secs_f64(second)).await;
        let before = headline::stats();
        let value = headline(7).await;
        let answered = answered_by(&before, &headline::stats());
        println!("{second:>6.1}  {answered:<11}  {value:<20}  {why}");
    }
    Ok(())
}

/// Returns what answered the call between two looks at the counters.
fn answered_by(before: &Stats, after: &Stats) -> String {
    // A function that was never called has no layers to count yet.
    let hits_before = |index: usize| before.layers.get(index).map_or(0, |layer| layer.hits);
    let mut layers = after.layers.iter().enumerate();
    match layers.find(|(index, layer)| layer.hits > hits_before(*index)) {
        Some((_, layer)) => layer.store.clone(),
        None => "the body".to_owned(),
    }
}

/// Returns the URL of the server to use, and the server itself if it was started here.
fn redis() -> Result<(String, Option<RedisServer>), String> {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {}
        ["--redis", url] => return Ok((url.to_owned(), None)),
        _ => return Err("usage: layered [--redis URL]".to_owned()),
    }
    match RedisServer::start() {
        Ok(server) => Ok((server.url(), Some(server))),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err("`redis-server` is not installed: install it, or pass `--redis URL`".to_owned())
        }
        Err(error) => Err(format!("{error}; pass `--redis URL` to use another server")),
    }
}

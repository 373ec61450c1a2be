//! How long the slowest calls take, while sixteen tasks read or write.

use std::future::Future;

use cached_kit::Caches;
use tokio::runtime::Runtime;

use super::KEYS;
use crate::report::{OURS, Report};
use crate::rounds::now;
use crate::subjects::BoxError;
use crate::targets::Wanted;

const TASKS: u64 = 16;

/// Measures our reads and writes by hand, of values of some hundred bytes.
pub(super) fn measure(runtime: &Runtime, quick: bool, report: &mut Report) -> Result<(), BoxError> {
    let calls = if quick { 500 } else { 5000 };
    let written = run(runtime, calls, write)?;
    let read = run(runtime, calls, read)?;
    for (name, late, (mut took, per_second)) in [("read", 1.0, read), ("write", 2.0, written)] {
        took.sort_unstable_by(f64::total_cmp);
        let p99 = took.get(took.len() * 99 / 100).copied().unwrap_or(f64::NAN);
        report.add(&format!("redis/{name}/16, p99"), &[(OURS, p99)]);
        let row = format!("redis/{name}/16, 99th percentile in ms");
        report.aim(&row, Wanted::AtMost(late), Some(p99 / 1e6));
        let row = format!("redis/{name}/16, operations per second");
        report.aim(&row, Wanted::AtLeast(100_000.0), Some(per_second));
    }
    Ok(())
}

async fn write(key: String) -> Result<(), BoxError> {
    Ok(Caches::get("redis")?.set(&key, &"x".repeat(100)).await?)
}

async fn read(key: String) -> Result<(), BoxError> {
    Caches::get("redis")?.get::<String>(&key).await?.map(drop).ok_or_else(|| "a miss".into())
}

/// What each call took, in nanoseconds, and how many there were in a second.
fn run<F>(runtime: &Runtime, calls: u64, call: fn(String) -> F) -> Result<(Vec<f64>, f64), BoxError>
where
    F: Future<Output = Result<(), BoxError>> + Send + 'static,
{
    let start = now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            runtime.spawn(async move {
                let mut took = Vec::new();
                for n in 0..calls {
                    let key = format!("latency:{task}:{}", n % (KEYS as u64 / TASKS));
                    let start = now();
                    call(key).await?;
                    took.push(start.elapsed().as_nanos() as f64);
                }
                Ok::<_, BoxError>(took)
            })
        })
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(runtime.block_on(task)??);
    }
    let per_second = took.len() as f64 / start.elapsed().as_secs_f64();
    Ok((took, per_second))
}

//! How long a small value takes while another task reads large ones over the same connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::time::MissedTickBehavior;

use crate::report::Report;
use crate::rounds::{median, now, schedule};
use crate::subjects::{self, BoxError, Large};

const SIZE: usize = 1 << 20;
/// The time between two small reads: longer than most take, so that each of them meets the large
/// reads wherever they are.
const PACE: Duration = Duration::from_millis(2);

/// Measures the small reads of one task, while another task reads the large value all the time.
pub(super) fn measure(runtime: &Runtime, quick: bool, report: &mut Report) -> Result<(), BoxError> {
    let subjects = subjects::large();
    for subject in &subjects {
        runtime.block_on((subject.store)(SIZE))?;
    }
    let (rounds, reads) = if quick { (4, 20) } else { (24, 40) };
    let mut took = vec![Vec::new(); subjects.len()];
    for subject in schedule(subjects.len(), rounds) {
        took[subject].extend(turn(runtime, &subjects[subject], reads)?);
    }
    let names = || subjects.iter().map(|subject| subject.name);
    let medians: Vec<_> = names().zip(took.iter().cloned().map(median)).collect();
    report.add("redis/small beside 1 MiB", &medians);
    let late: Vec<_> = names().zip(took.into_iter().map(late)).collect();
    report.add("the same, 99th percentile", &late);
    Ok(())
}

fn turn(runtime: &Runtime, subject: &Large, reads: u64) -> Result<Vec<f64>, BoxError> {
    let done = Arc::new(AtomicBool::new(false));
    let (read, small, stop) = (subject.read, subject.small, Arc::clone(&done));
    let large = runtime.spawn(async move {
        while !stop.load(Ordering::Relaxed) {
            read().await?;
        }
        Ok::<(), BoxError>(())
    });
    let small = runtime.spawn(async move {
        let mut took = Vec::new();
        let mut pace = tokio::time::interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for id in 0..reads {
            pace.tick().await;
            let start = now();
            small(id).await?;
            took.push(start.elapsed().as_nanos() as f64);
        }
        Ok::<_, BoxError>(took)
    });
    let took = runtime.block_on(small);
    done.store(true, Ordering::Relaxed);
    runtime.block_on(large)??;
    took?
}

fn late(mut took: Vec<f64>) -> f64 {
    took.sort_unstable_by(f64::total_cmp);
    took.get(took.len() * 99 / 100).copied().unwrap_or(f64::NAN)
}

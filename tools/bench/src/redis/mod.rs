//! What a hit in Redis costs: one, many at once, for callers that block, and beside large values.

mod blocking;
mod large;
mod latency;
mod many;

use std::time::Duration;

use cached_testing::RedisServer;
use tokio::runtime::{Builder, Runtime};

use crate::keys::Pattern;
use crate::report::Report;
use crate::rounds::{Effort, medians, now, repeats, schedule};
use crate::subjects::{self, Bodies, BoxError, InRedis};

/// How many keys there are: so many that two tasks seldom ask for the same one at the same time,
/// which we would answer with one `GET`.
const KEYS: usize = 10_000;
/// How many callers there are at a time.
const TASKS: [usize; 3] = [1, 16, 256];
/// How many threads the callers' runtime has.
const WORKERS: usize = 2;
/// How many calls a task makes in a trial turn.
const TRIAL_CALLS: usize = 16;

/// Measures all subjects in every case, against one server.
pub(crate) fn run(quick: bool, report: &mut Report) -> Result<(), BoxError> {
    let effort = match quick {
        false => Effort { rounds: 48, turn: Duration::from_millis(40) },
        true => Effort { rounds: 8, turn: Duration::from_millis(10) },
    };
    let server = RedisServer::start()?;
    let runtime = Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    let subjects = subjects::in_redis();
    let all: Vec<u64> = (0..KEYS as u64).collect();
    for subject in &subjects {
        runtime.block_on((subject.prepare)(&server.url()))?;
        runtime.block_on(runtime.spawn((subject.call_all)(all.clone())))??;
    }
    for tasks in TASKS {
        let bodies = Bodies::watch(subjects.iter().map(|subject| (subject.name, subject.computed)));
        let figures = measure(&runtime, &subjects, tasks, effort)?;
        bodies.check()?;
        let names = subjects.iter().map(|subject| subject.name);
        let figures: Vec<_> = names.zip(figures).collect();
        report.add(&format!("redis/get/{tasks}"), &figures);
    }
    many::measure(&runtime, effort, report)?;
    large::measure(&runtime, quick, report)?;
    latency::measure(&runtime, quick, report)?;
    // Connections end before their server does.
    drop(runtime);
    blocking::measure(&server.url(), effort, report)?;
    report.aim_at_redis();
    Ok(())
}

/// Returns what a call takes each of so many subjects: the median of turns that they take in turn.
/// `turn` makes so many calls for a subject and returns what one took, in nanoseconds.
fn race(
    subjects: usize,
    effort: Effort,
    turn: impl Fn(usize, usize) -> Result<f64, BoxError>,
) -> Result<Vec<f64>, BoxError> {
    let turns = |schedule: &[usize], calls: &[usize]| -> Result<Vec<f64>, BoxError> {
        let turn = |&subject: &usize| turn(subject, calls[subject]);
        let figures = schedule.iter().map(turn).collect::<Result<Vec<_>, BoxError>>()?;
        Ok(medians(subjects, schedule, &figures))
    };
    let trial = turns(&schedule(subjects, 4), &vec![TRIAL_CALLS; subjects])?;
    let calls: Vec<_> = trial.iter().map(|ns| repeats(*ns, effort.turn)).collect();
    turns(&schedule(subjects, effort.rounds), &calls)
}

/// Returns what a call takes each subject, in nanoseconds.
fn measure(
    runtime: &Runtime,
    subjects: &[InRedis],
    tasks: usize,
    effort: Effort,
) -> Result<Vec<f64>, BoxError> {
    race(subjects.len(), effort, |subject, calls| {
        // What one call takes by itself; figures are per call of all tasks.
        turn(runtime, &subjects[subject], tasks, calls).map(|ns| ns * tasks as f64)
    })
    .map(|figures| figures.into_iter().map(|ns| ns / tasks as f64).collect())
}

/// Lets all tasks make their calls, and returns what one took: time over calls of all tasks.
fn turn(runtime: &Runtime, subject: &InRedis, tasks: usize, calls: usize) -> Result<f64, BoxError> {
    let ids = |task: usize| {
        let keys = Pattern::Uniform.sequence(KEYS, calls, 1 + task as u64);
        keys.into_iter().map(|key| key as u64).collect()
    };
    let work: Vec<_> = (0..tasks).map(|task| (subject.call_all)(ids(task))).collect();
    runtime.block_on(async {
        let start = now();
        let tasks: Vec<_> = work.into_iter().map(|work| runtime.spawn(work)).collect();
        let count = tasks.len() * calls;
        for task in tasks {
            task.await?.map_err(|error| format!("`{}`: {error}", subject.name))?;
        }
        Ok(start.elapsed().as_nanos() as f64 / count as f64)
    })
}

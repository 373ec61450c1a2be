//! A hundred results at once.

use tokio::runtime::Runtime;

use super::race;
use crate::report::Report;
use crate::rounds::{Effort, now};
use crate::subjects::{self, BoxError};

const COUNT: u64 = 100;

/// Measures one task that reads them again and again.
pub(super) fn measure(
    runtime: &Runtime,
    effort: Effort,
    report: &mut Report,
) -> Result<(), BoxError> {
    let subjects = subjects::many();
    let ids: Vec<u64> = (0..COUNT).collect();
    let read = |subject: usize, times: usize| {
        runtime.block_on(runtime.spawn((subjects[subject].read)(ids.clone(), times)))?
    };
    for subject in 0..subjects.len() {
        read(subject, 1)?;
    }
    let figures = race(subjects.len(), effort, |subject, times| {
        let start = now();
        read(subject, times)?;
        Ok(start.elapsed().as_nanos() as f64 / times as f64)
    })?;
    let names = subjects.iter().map(|subject| subject.name);
    let figures: Vec<_> = names.zip(figures).collect();
    report.add("redis/get_many(100)", &figures);
    for (name, ns) in figures {
        println!("{:<26}{name:<20}{:>12.0} values/s", "", COUNT as f64 * 1e9 / ns);
    }
    Ok(())
}

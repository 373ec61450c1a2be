//! Functions that are not async: each call blocks its thread until the server has answered.

use super::{KEYS, race};
use crate::keys::Pattern;
use crate::report::Report;
use crate::rounds::{Effort, now};
use crate::subjects::{self, BoxError};

/// Measures one thread without a runtime.
pub(super) fn measure(url: &str, effort: Effort, report: &mut Report) -> Result<(), BoxError> {
    let subjects = subjects::blocking();
    let all: Vec<u64> = (0..KEYS as u64).collect();
    for subject in &subjects {
        (subject.prepare)(url)?;
        (subject.call_all)(&all)?;
    }
    let figures = race(subjects.len(), effort, |subject, calls| {
        let keys = Pattern::Uniform.sequence(KEYS, calls, 1);
        let ids: Vec<u64> = keys.into_iter().map(|key| key as u64).collect();
        let start = now();
        (subjects[subject].call_all)(&ids)?;
        Ok(start.elapsed().as_nanos() as f64 / calls as f64)
    })?;
    let names = subjects.iter().map(|subject| subject.name);
    report.add("redis/get/blocking", &names.zip(figures).collect::<Vec<_>>());
    Ok(())
}

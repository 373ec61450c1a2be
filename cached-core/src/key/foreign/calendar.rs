//! Dates and times are written alike, whichever crate they come from.

use crate::key::{CacheKey, KeyWriter};

pub(super) const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// A day of the calendar, written as `2026-11-05`; the year has four digits or more.
pub(super) struct Day {
    pub(super) year: i32,
    pub(super) month: u32,
    pub(super) day: u32,
}

impl CacheKey for Day {
    fn write_key(&self, key: &mut KeyWriter) {
        let Day { year, month, day } = self;
        let sign = if *year < 0 { "-" } else { "" };
        key.atom(format_args!("{sign}{:04}-{month:02}-{day:02}", year.unsigned_abs()));
    }
}

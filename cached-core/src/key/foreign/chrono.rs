//! `CacheKey` for `chrono`: instants without their zone, as `==` compares them.

use chrono::{
    DateTime, Datelike as _, FixedOffset, Month, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta,
    TimeZone, Timelike as _, Utc, Weekday,
};

use super::calendar::{Day, NANOS_PER_SECOND};
use crate::key::{CacheKey, KeyWriter};

/// Nanoseconds since the beginning of 1970, in whatever zone the instant is.
impl<Tz: TimeZone> CacheKey for DateTime<Tz> {
    fn write_key(&self, key: &mut KeyWriter) {
        write_nanos(key, self.timestamp(), self.timestamp_subsec_nanos());
    }
}

/// Nanoseconds since midnight.
impl CacheKey for NaiveTime {
    fn write_key(&self, key: &mut KeyWriter) {
        write_nanos(key, self.num_seconds_from_midnight().into(), self.nanosecond());
    }
}

/// A leap second is the second before it with over 1 000 000 000 nanoseconds, which is another time
/// than the second after it.
fn write_nanos(key: &mut KeyWriter, seconds: i64, nanos: u32) {
    let total = i128::from(seconds) * NANOS_PER_SECOND + i128::from(nanos);
    if i128::from(nanos) < NANOS_PER_SECOND {
        return key.atom(total);
    }
    key.group(|parts| {
        parts.item(&total);
        parts.item("leap");
    });
}

impl CacheKey for NaiveDate {
    fn write_key(&self, key: &mut KeyWriter) {
        Day { year: self.year(), month: self.month(), day: self.day() }.write_key(key);
    }
}

impl CacheKey for NaiveDateTime {
    fn write_key(&self, key: &mut KeyWriter) {
        (self.date(), self.time()).write_key(key);
    }
}

/// Nanoseconds.
impl CacheKey for TimeDelta {
    fn write_key(&self, key: &mut KeyWriter) {
        let seconds = i128::from(self.num_seconds());
        key.atom(seconds * NANOS_PER_SECOND + i128::from(self.subsec_nanos()));
    }
}

/// From 1, which is Monday.
impl CacheKey for Weekday {
    fn write_key(&self, key: &mut KeyWriter) {
        key.atom(self.number_from_monday());
    }
}

/// From 1, which is January.
impl CacheKey for Month {
    fn write_key(&self, key: &mut KeyWriter) {
        key.atom(self.number_from_month());
    }
}

/// Seconds east of UTC.
impl CacheKey for FixedOffset {
    fn write_key(&self, key: &mut KeyWriter) {
        key.atom(self.local_minus_utc());
    }
}

impl CacheKey for Utc {
    fn write_key(&self, key: &mut KeyWriter) {
        ().write_key(key);
    }
}

//! `CacheKey` for `time`: instants without their offset, as `==` compares them.

use time::{
    Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset, Weekday,
};

use super::calendar::{Day, NANOS_PER_SECOND};
use crate::key::{CacheKey, KeyWriter};

/// Nanoseconds since the beginning of 1970, whatever the offset of the instant.
impl CacheKey for OffsetDateTime {
    fn write_key(&self, key: &mut KeyWriter) {
        key.atom(self.unix_timestamp_nanos());
    }
}

/// Nanoseconds since the beginning of 1970.
impl CacheKey for UtcDateTime {
    fn write_key(&self, key: &mut KeyWriter) {
        key.atom(self.unix_timestamp_nanos());
    }
}

/// Nanoseconds since midnight.
impl CacheKey for Time {
    fn write_key(&self, key: &mut KeyWriter) {
        let (hour, minute, second, nanos) = self.as_hms_nano();
        let seconds = (i128::from(hour) * 60 + i128::from(minute)) * 60 + i128::from(second);
        key.atom(seconds * NANOS_PER_SECOND + i128::from(nanos));
    }
}

impl CacheKey for Date {
    fn write_key(&self, key: &mut KeyWriter) {
        let (year, month, day) = self.to_calendar_date();
        Day { year, month: u8::from(month).into(), day: day.into() }.write_key(key);
    }
}

impl CacheKey for PrimitiveDateTime {
    fn write_key(&self, key: &mut KeyWriter) {
        (self.date(), self.time()).write_key(key);
    }
}

/// Nanoseconds.
impl CacheKey for Duration {
    fn write_key(&self, key: &mut KeyWriter) {
        key.atom(self.whole_nanoseconds());
    }
}

/// Seconds east of UTC.
impl CacheKey for UtcOffset {
    fn write_key(&self, key: &mut KeyWriter) {
        key.atom(self.whole_seconds());
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
        key.atom(u8::from(*self));
    }
}

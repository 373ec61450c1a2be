use ::chrono::{
    DateTime, FixedOffset, Month, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone,
    Timelike, Utc, Weekday,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::key::tests::{assert_injective, text};

const NANOS: [u32; 5] = [0, 1, 999_999_999, 1_000_000_000, 1_999_999_999];

fn time(second: u32, nanos: usize) -> NaiveTime {
    let time = NaiveTime::from_num_seconds_from_midnight_opt(second, 0).unwrap();
    // Not only the seconds that can be leap seconds: the crate lets every second be one.
    time.with_nanosecond(NANOS[nanos]).unwrap()
}

fn instant() -> impl Strategy<Value = NaiveDateTime> {
    let day = prop_oneof![-2..3, -90_000_000..90_000_000];
    (day, prop_oneof![0..3u32, 86_397..86_400u32], 0..NANOS.len()).prop_map(
        |(day, second, nanos): (i32, u32, usize)| {
            let day = NaiveDate::default().checked_add_signed(TimeDelta::days(day.into())).unwrap();
            day.and_time(time(second, nanos))
        },
    )
}

proptest! {
    #[test]
    fn bug_35_dates_and_times(values in vec(instant(), 2..20)) {
        assert_injective(&values);
        assert_injective(&values.iter().map(NaiveDateTime::date).collect::<Vec<_>>());
        assert_injective(&values.iter().map(NaiveDateTime::time).collect::<Vec<_>>());
        assert_injective(&values.iter().map(NaiveDateTime::and_utc).collect::<Vec<_>>());
    }

    /// One instant is one key in every zone.
    #[test]
    fn bug_35_instants(values in vec((instant(), -2..3), 2..20)) {
        let zoned = values.iter().map(|(utc, hours)| {
            FixedOffset::east_opt(hours * 3600).unwrap().from_utc_datetime(utc)
        });
        let zoned: Vec<DateTime<FixedOffset>> = zoned.collect();
        assert_injective(&zoned);
        for instant in zoned {
            assert_eq!(text(&instant), text(&instant.to_utc()));
        }
    }

    #[test]
    fn bug_35_spans(values in vec((-3..3i64, 0..3u32), 2..10), far in any::<i32>()) {
        let spans = values.into_iter().map(|(seconds, nanos)| TimeDelta::new(seconds, nanos));
        let far = TimeDelta::new(far.into(), 999_999_999);
        assert_injective(&spans.chain([far]).flatten().collect::<Vec<_>>());
    }
}

#[test]
fn times_have_the_texts_that_std_and_the_calendar_give_them() {
    let day = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
    assert_eq!(text(&day), "2026-01-05");
    assert_eq!(text(&day.and_time(time(1, 1))), "(2026-01-05,1000000001)");
    assert_eq!(text(&NaiveDate::from_ymd_opt(-5, 12, 31)), "-0005-12-31");
    assert_eq!(text(&NaiveDate::MAX), "262142-12-31");
    assert_injective(&[NaiveDate::MIN, NaiveDate::MAX, day]);
    let instant = DateTime::from_timestamp(-1, 999_999_999).unwrap();
    assert_eq!(text(&instant), "-1");
    assert_eq!(text(&time(1, 3)), "(2000000000,leap)");
    assert_ne!(text(&time(1, 3)), text(&time(2, 0)), "a leap second is not the next second");
    assert_eq!(text(&TimeDelta::nanoseconds(-1)), "-1");
    assert_injective(&[TimeDelta::MIN, TimeDelta::MAX, TimeDelta::zero()]);
    assert_eq!((text(&Weekday::Sun), text(&Month::December)), ("7".into(), "12".into()));
    assert_eq!(text(&FixedOffset::west_opt(3600)), "-3600");
    assert_eq!(text(&Utc), "()");
}

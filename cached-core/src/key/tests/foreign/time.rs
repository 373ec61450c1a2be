use ::time::{
    Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset, Weekday,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::key::tests::{assert_injective, text};

fn date(year: i32, month: Month, day: u8) -> Date {
    Date::from_calendar_date(year, month, day).unwrap()
}

fn instant() -> impl Strategy<Value = PrimitiveDateTime> {
    let second = prop_oneof![-2..3i64, 86_397..86_403i64, -99_999_999_999..99_999_999_999i64];
    (second, prop_oneof![Just(0), Just(1), Just(999_999_999)]).prop_map(|(second, nanos)| {
        let second = OffsetDateTime::from_unix_timestamp(second).unwrap();
        let instant = second.replace_nanosecond(nanos).unwrap();
        PrimitiveDateTime::new(instant.date(), instant.time())
    })
}

proptest! {
    #[test]
    fn bug_35_dates_and_times(values in vec(instant(), 2..20)) {
        assert_injective(&values);
        assert_injective(&values.iter().map(|value| value.date()).collect::<Vec<_>>());
        assert_injective(&values.iter().map(|value| value.time()).collect::<Vec<_>>());
        assert_injective(&values.iter().map(|value| value.as_utc()).collect::<Vec<_>>());
    }

    /// One instant is one key with every offset.
    #[test]
    fn bug_35_instants(values in vec((instant(), -2..3i8), 2..20)) {
        let with_offset = values.iter().map(|(utc, hours)| {
            utc.assume_utc().to_offset(UtcOffset::from_hms(*hours, 0, 0).unwrap())
        });
        let with_offset: Vec<OffsetDateTime> = with_offset.collect();
        assert_injective(&with_offset);
        for instant in with_offset {
            assert_eq!(text(&instant), text(&UtcDateTime::from(instant)));
        }
    }

    #[test]
    fn bug_35_spans(values in vec((-3..3i64, -3..3i32), 2..10), far in any::<i64>()) {
        let spans = values.into_iter().map(|(seconds, nanos)| Duration::new(seconds, nanos));
        assert_injective(&spans.chain([Duration::new(far, 0)]).collect::<Vec<_>>());
    }

    #[test]
    fn bug_35_offsets(values in vec((-2..3i8, -2..3i8, -2..3i8), 2..10)) {
        let offsets = values.into_iter().filter_map(|(h, m, s)| UtcOffset::from_hms(h, m, s).ok());
        assert_injective(&offsets.collect::<Vec<_>>());
    }
}

#[test]
fn times_have_the_texts_that_std_and_the_calendar_give_them() {
    let day = date(2026, Month::January, 5);
    assert_eq!(text(&day), "2026-01-05");
    let time = Time::from_hms_nano(1, 2, 3, 4).unwrap();
    assert_eq!(text(&day.with_time(time)), "(2026-01-05,3723000000004)");
    assert_eq!(text(&date(-5, Month::December, 31)), "-0005-12-31");
    assert_injective(&[Date::MIN, Date::MAX, day]);
    let instant = OffsetDateTime::from_unix_timestamp_nanos(-1).unwrap();
    assert_eq!(text(&instant), "-1");
    assert_injective(&[Duration::MIN, Duration::MAX, Duration::ZERO, Duration::nanoseconds(-1)]);
    assert_eq!((text(&Weekday::Sunday), text(&Month::December)), ("7".into(), "12".into()));
    assert_eq!(text(&UtcOffset::from_hms(-1, 0, 0).unwrap()), "-3600");
}

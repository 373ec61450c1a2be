//! The text of types of other crates.

use std::net::{Ipv4Addr, Ipv6Addr};

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};
use http::uri::{Authority, Scheme};
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use rust_decimal::Decimal;
use serde_json::Value;
use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset};
use url::{Host, Url};
use uuid::{NonNilUuid, Uuid};

use crate::texts::vector;

pub(crate) fn vectors() -> Vec<Value> {
    [bytes_and_uuids(), decimals(), of_chrono(), of_time(), of_http(), urls()].concat()
}

fn bytes_and_uuids() -> Vec<Value> {
    let id = Uuid::from_u128(0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8);
    vec![
        vector("bytes::Bytes", "a:b, ff", &Bytes::from_static(b"a:b\xff")),
        vector("bytes::BytesMut", "", &BytesMut::new()),
        vector("uuid::Uuid", "67E55044-10B1-426F-9247-BB680E5FE0C8", &id),
        vector("uuid::Uuid", "nil", &Uuid::nil()),
        vector("uuid::NonNilUuid", "67E55044-10B1-426F-9247-BB680E5FE0C8", &NonNilUuid::new(id)),
    ]
}

fn decimals() -> Vec<Value> {
    let of = |text: &str| vector("rust_decimal::Decimal", text, &text.parse::<Decimal>().unwrap());
    ["0", "-0.00", "1.00", "100", "-1.050", "0.0000000000000000000000000001"].map(of).to_vec()
}

fn of_chrono() -> Vec<Value> {
    let day = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
    let time = NaiveTime::from_hms_nano_opt(1, 2, 3, 4).unwrap();
    let leap = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_500_000_000).unwrap();
    let utc = DateTime::from_timestamp(1_800_000_000, 5).unwrap();
    let east = FixedOffset::east_opt(3600).unwrap();
    vec![
        vector("chrono::DateTime<Utc>", "2027-01-15T08:00:00.000000005Z", &utc),
        vector(
            "chrono::DateTime<FixedOffset>",
            "2027-01-15T09:00:00.000000005+01:00",
            &utc.with_timezone(&east),
        ),
        vector(
            "chrono::DateTime<Utc>",
            "1969-12-31T23:59:59.999999999Z",
            &DateTime::from_timestamp(-1, 999_999_999).unwrap(),
        ),
        vector(
            "chrono::DateTime<Utc>",
            "2016-12-31T23:59:60.5Z",
            &NaiveDate::from_ymd_opt(2016, 12, 31).unwrap().and_time(leap).and_utc(),
        ),
        vector("chrono::NaiveDate", "2026-01-05", &day),
        vector("chrono::NaiveDate", "-0005-12-31", &NaiveDate::from_ymd_opt(-5, 12, 31).unwrap()),
        vector("chrono::NaiveDate", "+12345-01-02", &NaiveDate::from_ymd_opt(12345, 1, 2).unwrap()),
        vector("chrono::NaiveTime", "01:02:03.000000004", &time),
        vector("chrono::NaiveTime", "23:59:60.5", &leap),
        vector("chrono::NaiveTime", "00:00:00", &NaiveTime::MIN),
        vector("chrono::NaiveDateTime", "2026-01-05T01:02:03.000000004", &day.and_time(time)),
        vector("chrono::TimeDelta", "-1.5 s", &TimeDelta::milliseconds(-1500)),
        vector("chrono::Weekday", "Sunday", &chrono::Weekday::Sun),
        vector("chrono::Month", "December", &chrono::Month::December),
        vector("chrono::FixedOffset", "+01:00", &east),
        vector("chrono::Utc", "Utc", &Utc),
    ]
}

fn of_time() -> Vec<Value> {
    let day = Date::from_calendar_date(2026, time::Month::January, 5).unwrap();
    let time = Time::from_hms_nano(1, 2, 3, 4).unwrap();
    let instant = OffsetDateTime::from_unix_timestamp_nanos(1_800_000_000_000_000_005).unwrap();
    let east = UtcOffset::from_hms(1, 0, 0).unwrap();
    vec![
        vector("time::OffsetDateTime", "2027-01-15T08:00:00.000000005Z", &instant),
        vector(
            "time::OffsetDateTime",
            "2027-01-15T09:00:00.000000005+01:00",
            &instant.to_offset(east),
        ),
        vector("time::UtcDateTime", "2027-01-15T08:00:00.000000005Z", &UtcDateTime::from(instant)),
        vector("time::Date", "2026-01-05", &day),
        vector(
            "time::Date",
            "-0005-12-31",
            &Date::from_calendar_date(-5, time::Month::December, 31).unwrap(),
        ),
        vector("time::Time", "01:02:03.000000004", &time),
        vector(
            "time::PrimitiveDateTime",
            "2026-01-05T01:02:03.000000004",
            &PrimitiveDateTime::new(day, time),
        ),
        vector("time::Duration", "-1.5 s", &Duration::milliseconds(-1500)),
        vector("time::Weekday", "Sunday", &time::Weekday::Sunday),
        vector("time::Month", "December", &time::Month::December),
        vector("time::UtcOffset", "+01:00", &east),
    ]
}

fn of_http() -> Vec<Value> {
    let uri = |text: &str| vector("http::Uri", text, &text.parse::<Uri>().unwrap());
    vec![
        uri("HTTP://Example.com/A?b=c#d"),
        uri("https://user@example.com:8080"),
        uri("/a?"),
        uri("*"),
        uri("example.com:80"),
        vector("http::uri::Scheme", "https", &Scheme::HTTPS),
        vector("http::uri::Scheme", "Git+SSH", &"Git+SSH".parse::<Scheme>().unwrap()),
        vector("http::uri::Authority", "Example.com:80", &Authority::from_static("Example.com:80")),
        vector("http::Method", "GET", &Method::GET),
        vector("http::Method", "get", &Method::from_bytes(b"get").unwrap()),
        vector("http::StatusCode", "404", &StatusCode::NOT_FOUND),
        vector(
            "http::HeaderName",
            "Content-Type",
            &HeaderName::from_bytes(b"Content-Type").unwrap(),
        ),
        vector("http::HeaderValue", "a/b, ff", &HeaderValue::from_bytes(b"a/b\xff").unwrap()),
    ]
}

fn urls() -> Vec<Value> {
    let url = |text: &str| vector("url::Url", text, &text.parse::<Url>().unwrap());
    vec![
        url("HTTPS://Example.com:443/a/../b?c#d"),
        url("mailto:a@b.c"),
        vector("url::Host", "example.com", &Host::Domain("example.com")),
        vector("url::Host", "1.2.3.4", &Host::<&str>::Ipv4(Ipv4Addr::new(1, 2, 3, 4))),
        vector("url::Host", "[::1]", &Host::<&str>::Ipv6(Ipv6Addr::LOCALHOST)),
    ]
}

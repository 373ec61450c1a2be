//! The text of one value of each type that can be in a key.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::num::{NonZero, Wrapping};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use cached_kit::key::{CacheKey, KeyWriter};
use serde_json::{Value, json};

use crate::{derived, foreign};

/// `value` is the text itself for the type `str`, and for people otherwise.
pub(crate) fn vector(ty: &str, value: &str, of: &(impl CacheKey + ?Sized)) -> Value {
    json!({ "type": ty, "value": value, "text": KeyWriter::text_of(of) })
}

pub(crate) fn vectors() -> Vec<Value> {
    let mut all = Vec::new();
    let strings = ["", "a", "A-z_0.9", "~", "!", "a:b", "a b", "(a,b)", "%", "é🦀", "\0\n\u{7f}"];
    all.extend(strings.map(|text| vector("str", text, text)));
    all.extend(scalars());
    all.extend(several());
    all.extend(derived::vectors());
    all.extend(foreign::vectors());
    all
}

fn scalars() -> Vec<Value> {
    let v6 = |flow, scope| SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, flow, scope);
    let nano = Duration::from_nanos(1);
    vec![
        vector("u8", "0", &0u8),
        vector("i64", "min", &i64::MIN),
        vector("u128", "max", &u128::MAX),
        vector("usize", "7", &7usize),
        vector("NonZero<u16>", "7", &NonZero::<u16>::new(7).unwrap()),
        vector("Wrapping<u8>", "7", &Wrapping(7u8)),
        vector("bool", "true", &true),
        vector("bool", "false", &false),
        vector("char", ",", &','),
        vector("f64", "0", &0.0f64),
        vector("f64", "-0", &-0.0f64),
        vector("f64", "NaN", &f64::NAN),
        vector("f64", "infinity", &f64::INFINITY),
        vector("f64", "-infinity", &f64::NEG_INFINITY),
        vector("f64", "0.1", &0.1f64),
        vector("f64", "-1500", &-1500.0f64),
        vector("f64", "max", &f64::MAX),
        vector("f64", "5e-324", &5e-324f64),
        vector("f32", "0.1", &0.1f32),
        vector("Duration", "1.5 s", &Duration::from_millis(1500)),
        vector("SystemTime", "1 ns after 1970 began", &(UNIX_EPOCH + nano)),
        vector("SystemTime", "1 ns before 1970 began", &(UNIX_EPOCH - nano)),
        vector("Ordering", "Less", &Ordering::Less),
        vector("Ordering", "Greater", &Ordering::Greater),
        vector("Reverse<u8>", "7", &Reverse(7u8)),
        vector("IpAddr", "1.2.3.4", &IpAddr::V4(Ipv4Addr::new(1, 2, 3, 4))),
        vector("IpAddr", "::1", &IpAddr::V6(Ipv6Addr::LOCALHOST)),
        vector("SocketAddr", "1.2.3.4:80", &SocketAddr::from(([1, 2, 3, 4], 80))),
        vector("SocketAddr", "[::1]:80", &SocketAddr::from(v6(0, 0))),
        vector("SocketAddrV6", "[::1%5]:80", &v6(0, 5)),
        vector("SocketAddrV6", "[::1]:80, flow label 9", &v6(9, 0)),
        vector("OsStr", "a/b", OsStr::new("a/b")),
        vector("Path", "a//b/", Path::new("a//b/")),
        vector("CStr", "a", c"a"),
        vector("Cow<str>", "a b", &Cow::Borrowed("a b")),
    ]
}

fn several() -> Vec<Value> {
    let pairs = [("b", 2u8), ("a,", 1), ("", 3)];
    let mut exhausted = 1..=1u8;
    exhausted.next();
    vec![
        vector("()", "()", &()),
        vector("(u8,)", "(1,)", &(1u8,)),
        vector("(&str, u8)", "(\"\", 1)", &("", 1u8)),
        vector("((u8, u8), u8)", "((1, 2), 3)", &((1u8, 2u8), 3u8)),
        vector("[u8; 0]", "[]", &[0u8; 0]),
        vector("[&str; 2]", "[\"a\", \"b\"]", &["a", "b"]),
        vector("Vec<Vec<u8>>", "[[], [1]]", &vec![vec![], vec![1u8]]),
        vector("HashMap<&str, u8>", "b: 2, a,: 1, empty: 3", &HashMap::from(pairs)),
        vector("BTreeMap<&str, u8>", "b: 2, a,: 1, empty: 3", &BTreeMap::from(pairs)),
        vector("HashSet<u8>", "10, 9, 1", &HashSet::from([10u8, 9, 1])),
        vector("BTreeSet<u8>", "10, 9, 1", &BTreeSet::from([10u8, 9, 1])),
        vector("Option<u8>", "None", &None::<u8>),
        vector("Option<u8>", "Some(1)", &Some(1u8)),
        vector("Option<&str>", "Some(\"\")", &Some("")),
        vector("Option<Option<u8>>", "Some(None)", &Some(None::<u8>)),
        vector("Option<Option<Option<u8>>>", "Some(Some(None))", &Some(Some(None::<u8>))),
        vector("Option<(u8, Option<u8>)>", "Some((1, None))", &Some((1u8, None::<u8>))),
        vector("Result<u8, &str>", "Ok(1)", &Ok::<_, &str>(1u8)),
        vector("Result<u8, &str>", "Err(\"no\")", &Err::<u8, _>("no")),
        vector("Range<u8>", "1..2", &(1..2u8)),
        vector("RangeInclusive<u8>", "1..=1", &(1..=1u8)),
        vector("RangeInclusive<u8>", "1..=1 after its end", &exhausted),
        vector("PhantomData<u8>", "PhantomData", &std::marker::PhantomData::<u8>),
    ]
}

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::*;
use crate::Timeout;

#[cfg(all(feature = "zstd", feature = "lz4", feature = "gzip"))]
mod compressed;
mod own;

/// Opens an entry as a store with the default settings does.
fn open(bytes: &[u8], check: u64, now_millis: u64) -> Opened<'_> {
    static PACKING: LazyLock<Packing> = LazyLock::new(Packing::default);
    Envelope::open(bytes, check, now_millis, &PACKING)
}

fn bytes_of(envelope: &Envelope) -> Vec<u8> {
    envelope.to_bytes(&Compression::none()).unwrap()
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct User {
    id: u64,
    name: String,
    tags: Vec<Option<String>>,
    extra: BTreeMap<String, f64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    for codec in [Codec::MessagePack, Codec::Json] {
        let encoded = codec.encode(value).unwrap();
        let envelope =
            Envelope { created_millis: 5, fresh: Timeout::Never, check: 9, value: encoded };
        let bytes = bytes_of(&envelope);
        assert_eq!(bytes.len(), 25 + envelope.value.payload.len());
        match open(&bytes, 9, 5) {
            Opened::Fresh(back, Timeout::Never) => assert_eq!(&back.decode::<T>().unwrap(), value),
            other => panic!("{codec:?}: {other:?}"),
        }
    }
}

/// bug 42: nothing, in all its forms, comes back as what it was.
#[test]
fn bug_42_empty_values_and_nested_options_round_trip_exactly() {
    round_trip(&());
    round_trip(&Unit);
    round_trip(&String::new());
    round_trip(&Vec::<u8>::new());
    round_trip(&None::<u8>);
    round_trip(&Some(0u8));
    round_trip(&None::<Option<u8>>);
    round_trip(&Some(None::<u8>));
    round_trip(&Some(Some(None::<u8>)));
    round_trip(&Some(Some(Some(3u8))));
    round_trip(&Some(()));
    round_trip(&None::<()>);
    round_trip(&Some(Unit));
    round_trip(&Some(None::<Option<()>>));
    // A value that looks like our envelope.
    round_trip(&bytes_of(&Envelope {
        created_millis: 1,
        fresh: Timeout::Never,
        check: 2,
        value: Codec::Json.encode(&1).unwrap(),
    }));
}

#[test]
fn large_integers_keep_their_value() {
    round_trip(&u64::MAX);
    round_trip(&i64::MIN);
    round_trip(&(u128::from(u64::MAX) + 1, i128::MIN));
}

#[test]
fn floats_keep_their_last_bit() {
    round_trip(&5.385663749352452e299f64);
    round_trip(&[f64::MIN_POSITIVE, 5e-324, f64::MAX, 0.1 + 0.2]);
}

/// bug 60: whatever bytes are found, the answer is a miss and never a panic or a wrong value.
#[test]
fn bug_60_damaged_or_foreign_bytes_are_unreadable() {
    let value = Codec::MessagePack.encode(&(7u64, "seven")).unwrap();
    let good =
        bytes_of(&Envelope { created_millis: 1000, fresh: Timeout::Never, check: 77, value });
    assert!(matches!(open(&good, 77, 1000), Opened::Fresh(..)));
    assert!(matches!(open(&good, 78, 1000), Opened::Unreadable(_)), "another key's value");
    for cut in 0..25 {
        assert!(matches!(open(&good[..cut], 77, 1000), Opened::Unreadable(_)));
    }
    for cut in 25..good.len() {
        let Opened::Fresh(value, _) = open(&good[..cut], 77, 1000) else { panic!() };
        assert_eq!(value.decode::<(u64, String)>().unwrap_err().kind(), ErrorKind::Decode);
    }
    for (index, wrong) in [(0, 0), (1, 0), (2, 2), (3, 0x80), (3, 4), (3, 2), (4, 99), (4, 128)] {
        let mut bytes = good.clone();
        bytes[index] = wrong;
        assert!(matches!(open(&bytes, 77, 1000), Opened::Unreadable(_)), "byte {index}");
    }
    let mut longer = good.clone();
    longer.push(0);
    let Opened::Fresh(value, _) = open(&longer, 77, 1000) else { panic!() };
    assert!(value.decode::<(u64, String)>().is_err(), "bytes after the value");
}

#[test]
fn freshness_counts_from_creation() {
    const DAY: u64 = 86_400_000;
    let value = Codec::Json.encode(&1u8).unwrap();
    let fresh = Timeout::After(Duration::from_secs(10));
    let bytes = bytes_of(&Envelope { created_millis: DAY, fresh, check: 0, value });
    let left = |now| match open(&bytes, 0, now) {
        Opened::Fresh(_, Timeout::After(left)) => Some(left.as_millis()),
        Opened::Expired => None,
        other => panic!("{other:?}"),
    };
    assert_eq!(left(DAY), Some(10_000));
    assert_eq!(left(DAY + 9_999), Some(1));
    assert_eq!(left(DAY + 10_000), None);
    assert_eq!(
        left(DAY - 1_000),
        Some(10_000),
        "a little skew is no reason to miss, nor to live longer"
    );
    assert_eq!(left(0), None, "written by a clock that ran a day ahead");
}

#[test]
fn lifetimes_are_rounded_up_and_never_become_zero_or_for_ever() {
    let reread = |fresh| {
        let value = Codec::Json.encode(&1u8).unwrap();
        let envelope = Envelope { created_millis: 0, fresh, check: 0, value };
        Header::parse(&bytes_of(&envelope)).unwrap().0.fresh
    };
    let after = |duration| Timeout::After(duration);
    assert_eq!(reread(after(Duration::from_nanos(1))), after(Duration::from_millis(1)));
    assert_eq!(reread(after(Duration::from_micros(1500))), after(Duration::from_millis(2)));
    assert!(matches!(reread(after(Duration::MAX)), Timeout::After(_)));
    assert_eq!(reread(Timeout::Never), Timeout::Never);
}

#[test]
fn integers_are_told_from_everything_else() {
    let integer = |encoded: Result<Encoded, Error>| encoded.unwrap().as_integer();
    for codec in [Codec::MessagePack, Codec::Json] {
        for number in [0, 1, -1, 127, 128, -33, 70_000, i64::MAX, i64::MIN] {
            assert_eq!(integer(codec.encode(&number)), Some(number));
            assert_eq!(integer_of(number.to_string().as_bytes()), Some(number));
        }
        assert_eq!(integer(codec.encode(&u64::MAX)), None);
        assert_eq!(integer(codec.encode(&1.0f64)), None);
        assert_eq!(integer(codec.encode("5")), None);
        assert_eq!(integer(codec.encode(&true)), None);
        assert_eq!(integer(codec.encode(&(5,))), None);
        assert_eq!(integer(codec.encode(&Some(None::<u8>))), None);
        assert_eq!(integer(codec.encode(&())), None);
    }
    assert_eq!((integer_of(b"5 "), integer_of(b"")), (None, None));
}

proptest! {
    #[test]
    fn any_value_round_trips(
        id: u64,
        name in ".*",
        tags in prop::collection::vec(prop::option::of(".*"), 0..5),
        extra in prop::collection::btree_map(".*", -1e300..1e300f64, 0..4),
    ) {
        round_trip(&User { id, name, tags, extra });
    }

    /// bug 60 again, with bytes from a random source.
    #[test]
    fn bug_60_random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = open(&bytes, 0, 0);
        let mut framed = vec![0xc1, b'K', 1, 0, 1];
        framed.extend_from_slice(&bytes);
        if let Opened::Fresh(value, _) = open(&framed, 0, 0) {
            let _ = value.decode::<User>();
        }
    }
}

//! Compressed entries: what comes back, and what is never believed.

use super::*;

const MIB: usize = 1 << 20;

fn all() -> [(u8, Compression); 3] {
    [(1, Compression::zstd()), (2, Compression::lz4()), (3, Compression::gzip())]
}

fn entry(value: Encoded, compression: &Compression) -> Vec<u8> {
    let envelope = Envelope { created_millis: 5, fresh: Timeout::Never, check: 9, value };
    envelope.to_bytes(compression).unwrap()
}

/// Opens an entry and reads its value.
fn read<T: DeserializeOwned>(bytes: &[u8], compression: &Compression) -> Result<T, Error> {
    let packing = Packing { compression: compression.clone(), ..Packing::default() };
    match Envelope::open(bytes, 9, 5, &packing) {
        Opened::Fresh(found, _) => found.decode(),
        Opened::Unreadable(why) => Err(why),
        Opened::Expired => Err(trailing()),
    }
}

/// A text that can be made smaller, but not to nothing.
fn text(size: usize) -> String {
    (0_u32..)
        .flat_map(|n| format!("{} of {n}; ", n % 7).into_bytes())
        .map(char::from)
        .take(size)
        .collect()
}

/// Bytes in which nothing repeats itself.
fn noise(size: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..size).map(|_| next()).collect()
}

/// An entry whose compressed payload is these bytes.
fn framed(algorithm: u8, bytes: &[u8]) -> Vec<u8> {
    let empty = Encoded { codec: Codec::Json, nothing: false, payload: vec![] };
    let mut entry = entry(empty, &Compression::none());
    entry[3] = 2;
    entry.push(algorithm);
    entry.extend_from_slice(bytes);
    entry
}

#[test]
fn values_of_every_size_come_back_in_every_codec_and_compression() {
    for codec in [Codec::MessagePack, Codec::Json] {
        for (number, compression) in all() {
            for size in [0, 1, 2, 30, 31, 32, 255, 1022, 1024, 65_535, 65_536, 200_000, MIB] {
                for least in [0, 1024] {
                    let value = text(size);
                    let encoded = codec.encode(&value).unwrap();
                    let plain = encoded.payload.len();
                    let bytes = entry(encoded, &compression.clone().min_size(least));
                    let what = format!("{codec:?}, {compression:?}, {size} from {least}");
                    match bytes[3] {
                        0 => assert_eq!(bytes.len(), 25 + plain, "{what}"),
                        2 => {
                            assert!(plain >= least && bytes.len() < 25 + plain, "{what}");
                            assert_eq!(bytes[25], number, "{what}");
                        }
                        flags => panic!("{what}: {flags}"),
                    }
                    assert_eq!(bytes[3] == 2, plain >= least.max(255), "{what}");
                    assert_eq!(
                        read::<String>(&bytes, &Compression::none()).unwrap(),
                        value,
                        "{what}"
                    );
                }
            }
        }
    }
}

#[test]
fn what_becomes_no_smaller_stays_as_it_is() {
    for (_, compression) in all() {
        let encoded = Codec::MessagePack.encode(&serde_bytes(noise(5000))).unwrap();
        let plain = encoded.payload.len();
        let bytes = entry(encoded, &compression);
        assert_eq!((bytes[3], bytes.len()), (0, 25 + plain), "{compression:?}");
    }
}

/// Bytes as MessagePack has them, and not as a list.
fn serde_bytes(bytes: Vec<u8>) -> impl Serialize {
    struct Bytes(Vec<u8>);
    impl Serialize for Bytes {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(&self.0)
        }
    }
    Bytes(bytes)
}

#[test]
fn levels_are_used_and_those_out_of_range_are_the_nearest() {
    let size = |compression: Compression, level| {
        let value = Codec::Json.encode(&text(100_000)).unwrap();
        let bytes = entry(value, &compression.clone().level(level));
        assert_eq!(read::<String>(&bytes, &compression).unwrap(), text(100_000));
        bytes.len()
    };
    assert!(size(Compression::zstd(), 19) < size(Compression::zstd(), 1));
    assert!(size(Compression::gzip(), 9) < size(Compression::gzip(), 1));
    for (end, beyond) in [(22, i32::MAX), (-131_072, i32::MIN)] {
        assert_eq!(size(Compression::zstd(), end), size(Compression::zstd(), beyond));
    }
    for (end, beyond) in [(9, i32::MAX), (0, i32::MIN)] {
        assert_eq!(size(Compression::gzip(), end), size(Compression::gzip(), beyond));
    }
    assert_eq!(size(Compression::lz4(), 5), size(Compression::lz4(), -5));
}

/// A small entry that would become a large value is refused, and read where the limit allows it.
#[test]
fn a_bomb_is_unreadable() {
    let unpacked = |size| Codec::Json.encode(&"0".repeat(size)).unwrap();
    for (number, compression) in all() {
        let plain = unpacked(4 * MIB);
        let size = plain.payload.len();
        let large = compression.clone().max_size(size);
        let bytes = entry(plain, &compression);
        assert_eq!((bytes[3], bytes[25]), (2, number));
        assert!(bytes.len() < MIB / 32, "{compression:?}: {}", bytes.len());
        let payload = compression.clone().max_size(size).decompress(&bytes[25..]).unwrap();
        assert!(payload.capacity() <= size, "{compression:?}: {}", payload.capacity());
        for limit in [0, 1000, MIB, size - 1] {
            let error = read::<String>(&bytes, &Compression::none().max_size(limit)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode);
            let why = std::error::Error::source(&error).unwrap().to_string();
            assert!(why.contains("more than"), "{compression:?}: {why}");
        }
        assert_eq!(read::<String>(&bytes, &large).unwrap().len(), 4 * MIB, "{compression:?}");
        let again = entry(unpacked(4 * MIB), &large.max_size(size - 1));
        assert_eq!(again[3], 0, "what could not be read back is not compressed");
    }
    let bytes = entry(unpacked(64 * MIB), &Compression::zstd().max_size(usize::MAX));
    assert!(read::<String>(&bytes, &Compression::none()).is_err(), "over 64 MiB, by the quotes");
    let bytes = entry(unpacked(64 * MIB - 2), &Compression::zstd());
    assert_eq!(bytes[3], 2);
    assert!(read::<String>(&bytes, &Compression::none()).is_ok());
}

/// What is asked for does not decide how much memory there is to be.
#[test]
fn sizes_that_are_only_claimed_are_unreadable() {
    let unlimited = Compression::none().max_size(usize::MAX);
    let huge = 0xffff_ffff_u32.to_le_bytes();
    let zstd_frame = |size: u64| {
        // Magic, a single segment with eight bytes of size, and an empty last block.
        [&[0x28, 0xb5, 0x2f, 0xfd, 0xe0][..], &size.to_le_bytes(), &[1, 0, 0]].concat()
    };
    let of_no_size = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, 1, 0, 0];
    for (number, bytes) in [
        (1, zstd_frame(u64::MAX - 2)),
        (1, zstd_frame(1 << 62)),
        (1, zstd_frame(10)),
        (1, of_no_size.to_vec()),
        (2, [&huge[..], &[0x10, b'1']].concat()),
        (2, [&2_u32.to_le_bytes()[..], &[0x10, b'1']].concat()),
        (2, [&0_u32.to_le_bytes()[..], &[0x10, b'1']].concat()),
    ] {
        for limit in [&unlimited, &Compression::none()] {
            let payload = [&[number], &bytes[..]].concat();
            assert!(limit.decompress(&payload).is_err(), "{number} {bytes:?}");
        }
    }
    let one = [&1_u32.to_le_bytes()[..], &[0x10, b'1']].concat();
    assert_eq!(read::<u8>(&framed(2, &one), &unlimited).unwrap(), 1);
}

#[test]
fn no_part_of_a_compressed_entry_is_a_value() {
    for (number, compression) in all() {
        let good = entry(Codec::Json.encode(&text(3000)).unwrap(), &compression);
        assert_eq!(good[25], number);
        for cut in 0..good.len() {
            assert!(read::<String>(&good[..cut], &compression).is_err(), "{number}: {cut}");
        }
        let longer = [&good[..], b"\0"].concat();
        assert!(read::<String>(&longer, &compression).is_err(), "{number}");
        for algorithm in [0, 1, 2, 3, 4, 127, 128, 255] {
            let mut other = good.clone();
            other[25] = algorithm;
            assert_eq!(read::<String>(&other, &compression).is_ok(), algorithm == number);
        }
        let mut nothing = good.clone();
        nothing[3] = 3;
        assert!(read::<String>(&nothing, &compression).is_err());
    }
    assert!(read::<String>(&framed(1, b""), &Compression::none()).is_err());
}

proptest! {
    /// bug 60: whatever follows the number of an algorithm, the answer is a miss and never a panic.
    #[test]
    fn bug_60_random_compressed_bytes_never_panic(
        number in prop_oneof![1_u8..=4, any::<u8>()],
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        limit in prop_oneof![0..300_usize, Just(64 * MIB)],
    ) {
        let _ = read::<User>(&framed(number, &bytes), &Compression::none().max_size(limit));
    }

    /// The same with bytes that are nearly right.
    #[test]
    fn bug_60_damaged_compressed_bytes_never_panic(
        size in 0..3000_usize,
        index in any::<prop::sample::Index>(),
        byte: u8,
    ) {
        for (_, compression) in all() {
            let value = Codec::MessagePack.encode(&text(size)).unwrap();
            let mut bytes = entry(value, &compression.clone().min_size(0));
            let index = index.index(bytes.len());
            bytes[index] = byte;
            if let Ok(value) = read::<String>(&bytes, &compression.max_size(4000)) {
                prop_assert!(value.len() <= 4000);
            }
        }
    }

    #[test]
    fn any_bytes_round_trip_compressed(
        parts in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..50), 1..100_usize), 0..20),
        level: Option<i8>,
    ) {
        let value: Vec<u8> = parts.iter().flat_map(|(part, times)| part.repeat(*times)).collect();
        for (_, compression) in all() {
            let compression = match level {
                Some(level) => compression.min_size(0).level(level.into()),
                None => compression.min_size(0),
            };
            for codec in [Codec::MessagePack, Codec::Json] {
                let bytes = entry(codec.encode(&value).unwrap(), &compression);
                prop_assert_eq!(&read::<Vec<u8>>(&bytes, &compression).unwrap(), &value);
            }
        }
    }
}

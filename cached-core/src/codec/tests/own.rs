//! Codecs and compressions of the user's own.

use serde::de::IntoDeserializer;

use super::*;
use crate::Caches;
use crate::memory_store::MemoryStore;
use crate::store::Store;
use crate::timeout::Timeout as Life;

/// MessagePack with structs as lists; an integer alone it refuses.
struct Positional;

impl Serializer for Positional {
    fn encode(&self, value: &AnyValue<'_>) -> Result<Vec<u8>, BoxError> {
        match rmp_serde::to_vec(value)? {
            bytes if bytes.len() == 1 && bytes[0] < 0x80 => Err("an integer alone".into()),
            bytes => Ok(bytes),
        }
    }

    fn decode(&self, bytes: &[u8], slot: &mut AnySlot<'_>) -> Result<(), BoxError> {
        Ok(slot.read(&mut rmp_serde::Deserializer::from_read_ref(bytes))?)
    }
}

/// Does not do what it is asked for.
struct Lazy;

impl Serializer for Lazy {
    fn encode(&self, _: &AnyValue<'_>) -> Result<Vec<u8>, BoxError> {
        Ok(vec![])
    }

    fn decode(&self, _: &[u8], _: &mut AnySlot<'_>) -> Result<(), BoxError> {
        Ok(())
    }
}

/// Reads twice; the last one counts.
struct Eager;

impl Serializer for Eager {
    fn encode(&self, _: &AnyValue<'_>) -> Result<Vec<u8>, BoxError> {
        Ok(vec![])
    }

    fn decode(&self, _: &[u8], slot: &mut AnySlot<'_>) -> Result<(), BoxError> {
        slot.read::<serde::de::value::U8Deserializer<serde::de::value::Error>>(
            1u8.into_deserializer(),
        )?;
        Ok(slot.read::<serde::de::value::U8Deserializer<serde::de::value::Error>>(
            2u8.into_deserializer(),
        )?)
    }
}

fn positional() -> Codec {
    Codec::custom(128, Positional).unwrap()
}

fn packing(codec: Codec) -> Packing {
    Packing { codec, ..Packing::default() }
}

fn sealed(codec: &Codec, value: &impl Serialize) -> Vec<u8> {
    let value = codec.encode(value).unwrap();
    bytes_of(&Envelope { created_millis: 5, fresh: Timeout::Never, check: 9, value })
}

#[test]
fn an_entry_of_a_custom_codec_has_its_number_and_is_read_by_it_alone() {
    let user = User { id: 1, name: "Ada".into(), tags: vec![None], extra: BTreeMap::new() };
    let bytes = sealed(&positional(), &user);
    assert_eq!(bytes[4], 128);
    let read = |codec| match Envelope::open(&bytes, 9, 5, &packing(codec)) {
        Opened::Fresh(found, _) => Ok(found.decode::<User>().unwrap()),
        Opened::Unreadable(why) => Err(why.to_string()),
        Opened::Expired => panic!("it is fresh"),
    };
    assert_eq!(read(positional()), Ok(user));
    let unknown = Err("the store does not have the codec 128".to_owned());
    assert_eq!(read(Codec::custom(129, Positional).unwrap()), unknown);
    assert_eq!(read(Codec::MessagePack), unknown);
    assert_eq!(read(Codec::Json), unknown);
}

#[test]
fn what_the_built_in_codecs_wrote_is_read_whatever_the_store_has() {
    for codec in [Codec::MessagePack, Codec::Json] {
        let bytes = sealed(&codec, &"a text");
        match Envelope::open(&bytes, 9, 5, &packing(positional())) {
            Opened::Fresh(found, _) => assert_eq!(found.decode::<String>().unwrap(), "a text"),
            other => panic!("{other:?}"),
        }
    }
}

/// bug 42 for codecs that nobody knows.
#[test]
fn bug_42_nothing_comes_back_through_a_custom_codec() {
    let codec = positional();
    let back = codec.encode(&Some(None::<u8>)).unwrap();
    assert_eq!(back.decode::<Option<Option<u8>>>().unwrap(), Some(None));
    assert_eq!(codec.encode(&None::<u8>).unwrap().decode::<Option<u8>>().unwrap(), None);
}

#[test]
fn errors_of_a_serializer_are_the_sources_of_ours() {
    use std::error::Error as _;
    let codec = positional();
    let error = codec.encode(&5u8).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    assert_eq!(error.source().unwrap().to_string(), "an integer alone");
    let text = codec.encode("text").unwrap();
    let error = text.decode::<u64>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.source().unwrap().to_string().contains("msgpack marker"), "{error:?}");
}

#[test]
fn a_serializer_that_reads_nothing_or_twice_gives_no_wrong_value() {
    let lazy = Codec::custom(255, Lazy).unwrap().encode("text").unwrap();
    assert_eq!(lazy.decode::<String>().unwrap_err().kind(), ErrorKind::Decode);
    let eager = Codec::custom(255, Eager).unwrap().encode("text").unwrap();
    assert_eq!(eager.decode::<u8>().unwrap(), 2);
    assert!(eager.decode::<String>().is_err());
}

#[test]
fn numbers_of_the_toolkits_own_are_refused() {
    for number in [0, 1, 2, 3, 127] {
        let error = Codec::custom(number, Positional).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("128"), "{error}");
        let error = Compression::custom(number, Plain).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }
    assert_eq!(positional(), Codec::custom(128, Lazy).unwrap(), "the number is the codec");
    assert_eq!(format!("{:?}", positional()), "Custom(CustomCodec(128))");
}

/// Makes nothing smaller.
struct Plain;

impl Compressor for Plain {
    fn compress(&self, bytes: &[u8]) -> Result<Vec<u8>, BoxError> {
        Ok(bytes.to_vec())
    }

    fn decompress(&self, bytes: &[u8], _: usize) -> Result<Vec<u8>, BoxError> {
        Ok(bytes.to_vec())
    }
}

/// Forgets everything but how much it was; takes no notice of the limit.
struct Zeros;

impl Compressor for Zeros {
    fn compress(&self, bytes: &[u8]) -> Result<Vec<u8>, BoxError> {
        match bytes.iter().all(|byte| *byte == 0) {
            true => Ok(u32::try_from(bytes.len())?.to_be_bytes().to_vec()),
            false => Err("not all are zeros".into()),
        }
    }

    fn decompress(&self, bytes: &[u8], _: usize) -> Result<Vec<u8>, BoxError> {
        Ok(vec![0; u32::from_be_bytes(bytes.try_into()?) as usize])
    }
}

/// Writes a payload as it is.
struct Raw;

impl Serializer for Raw {
    fn encode(&self, value: &AnyValue<'_>) -> Result<Vec<u8>, BoxError> {
        Ok(serde_json::from_value(serde_json::to_value(value)?)?)
    }

    fn decode(&self, bytes: &[u8], slot: &mut AnySlot<'_>) -> Result<(), BoxError> {
        Ok(slot.read(serde_json::to_value(bytes)?)?)
    }
}

#[test]
fn a_custom_compression_is_used_when_it_helps_and_read_by_its_number() {
    let zeros = || Compression::custom(200, Zeros).unwrap().min_size(100);
    let codec = Codec::custom(255, Raw).unwrap();
    let entry = |bytes: usize, compression: &Compression| {
        let value = codec.encode(&vec![0u8; bytes]).unwrap();
        let envelope = Envelope { created_millis: 5, fresh: Timeout::Never, check: 9, value };
        envelope.to_bytes(compression).unwrap()
    };
    let read = |bytes: &[u8], compression: Compression| {
        let packing = Packing { codec: codec.clone(), compression };
        match Envelope::open(bytes, 9, 5, &packing) {
            Opened::Fresh(found, _) => Some(found.decode::<Vec<u8>>().unwrap().len()),
            _ => None,
        }
    };
    let small = entry(99, &zeros());
    assert_eq!((small[3], small.len()), (0, 25 + 99));
    let large = entry(100, &zeros());
    assert_eq!((large[3], &large[25..]), (2, &[200, 0, 0, 0, 100][..]));
    assert_eq!(read(&large, zeros()), Some(100));
    assert_eq!(read(&large, Compression::none()), None, "it has nothing of that number");
    assert_eq!(read(&large, Compression::custom(201, Zeros).unwrap()), None);
    assert_eq!(read(&large, zeros().max_size(99)), None, "its own limit is checked again");
    let plain = Compression::custom(200, Plain).unwrap().min_size(0);
    let same = entry(100, &plain);
    assert_eq!((same[3], same.len()), (0, 25 + 100), "it became no smaller");
    let limited = entry(100, &zeros().max_size(99));
    assert_eq!(limited[3], 0, "nobody could read it back");
    for size in [0, 1, 5, 6, 7] {
        let entry = entry(size, &zeros().min_size(0));
        assert_eq!(entry[3], if size > 5 { 2 } else { 0 }, "{size}");
        assert_eq!(read(&entry, zeros()), Some(size));
    }
    let value = codec.encode(&vec![1u8; 100]).unwrap();
    let refused = Envelope { created_millis: 5, fresh: Timeout::Never, check: 9, value };
    assert_eq!(refused.to_bytes(&zeros()).unwrap_err().kind(), ErrorKind::Encode);
}

/// Counters are digits in every codec, and the codec does not see them.
#[test]
fn integers_pass_a_custom_codec_by() {
    let store = MemoryStore::builder().codec(positional()).build().unwrap();
    Caches::builder().store("own codec", store.clone()).install().unwrap();
    let cache = Caches::get("own codec").unwrap().blocking();
    cache.set("n", &Some(5u8)).unwrap();
    assert_eq!(cache.incr("n", 2).unwrap(), 7);
    assert_eq!(cache.get::<Option<Option<u64>>>("n").unwrap(), Some(Some(Some(7))));
    assert_eq!(cache.get::<i8>("n").unwrap(), Some(7));
    assert_eq!(cache.get::<f64>("n").unwrap(), Some(7.0));
    assert_eq!(cache.get::<String>("n").unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(cache.get_or_compute("m", || 6u64), 6);
    assert_eq!(crate::block_on(store.get(":m")).unwrap().as_deref(), Some(&b"6"[..]));
    crate::block_on(store.set(":n", b"300", Life::Never)).unwrap();
    assert_eq!(cache.get::<u8>("n").unwrap_err().kind(), ErrorKind::Decode);
    cache.set("u", &u64::MAX).unwrap();
    assert_eq!(cache.get::<u64>("u").unwrap(), Some(u64::MAX));
    cache.set("t", "a text").unwrap();
    assert_eq!(cache.get::<String>("t").unwrap().as_deref(), Some("a text"));
}

/// A type that is a `Some` of itself has no end, and must not take the stack with it.
#[test]
fn an_integer_is_not_looked_for_without_end() {
    #[derive(Debug, Deserialize)]
    struct Chain {
        _rest: Option<Box<Chain>>,
    }
    #[derive(Debug)]
    struct Endless(#[allow(dead_code)] Option<Box<Endless>>);
    impl<'de> Deserialize<'de> for Endless {
        fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            Option::deserialize(from).map(Endless)
        }
    }
    assert!(from_integer::<Chain>(5).is_err());
    assert!(from_integer::<Endless>(5).is_err());
}

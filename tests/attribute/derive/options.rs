use cached_kit::CacheKey;
use cached_kit::key::KeyWriter;

use super::text;

/// What holds a database connection is no key.
struct Trace;

#[derive(CacheKey)]
struct Request {
    id: u64,
    #[cache_key(skip)]
    #[expect(dead_code, reason = "it is only there to be left out")]
    trace: Trace,
    #[cache_key(rename = "user name")]
    login: &'static str,
}

#[derive(CacheKey)]
struct Nothing {
    #[cache_key(skip)]
    #[expect(dead_code, reason = "it is only there to be left out")]
    trace: Trace,
}

#[derive(CacheKey)]
struct Traced(#[cache_key(skip)] Trace, u64);

#[derive(CacheKey)]
enum Change {
    #[cache_key(rename = "Insert")]
    Added {
        at: usize,
    },
    #[cache_key(rename = "Added")]
    #[expect(dead_code, reason = "it is only there to have a name")]
    Inserted,
    Removed(#[cache_key(skip)] Trace),
    Swapped(#[cache_key(skip)] Trace, u8, #[cache_key(skip)] Trace, u8),
}

#[test]
fn skip_leaves_a_field_out() {
    let request = Request { id: 7, trace: Trace, login: "ada" };
    assert_eq!(text(&request), "(id=7,user%20name=ada)");
    assert_eq!(text(&Nothing { trace: Trace }), "()");
    assert_eq!(text(&Traced(Trace, 7)), "7");
    assert_eq!(text(&Change::Removed(Trace)), "Removed");
    assert_eq!(text(&Change::Swapped(Trace, 1, Trace, 2)), "(Swapped,1,2)");
}

#[test]
fn rename_keeps_the_key_when_the_code_changes() {
    assert_eq!(text(&Change::Added { at: 1 }), "(Insert,at=1)");
}

mod hex {
    use cached_kit::key::KeyWriter;

    pub(super) fn write(bytes: &[u8], key: &mut KeyWriter) {
        key.text(&bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }
}

fn write_both(pair: &(u8, u8), key: &mut KeyWriter) {
    key.text(&pair.0.to_string());
    key.text(&pair.1.to_string());
}

fn write_nothing<T>(_value: &T, _key: &mut KeyWriter) {}

/// `Trace` is no key, and need not be one.
#[derive(CacheKey)]
struct Written<'a> {
    #[cache_key(with = hex::write, rename = "digest")]
    bytes: Vec<u8>,
    #[cache_key(with = write_both)]
    pair: (u8, u8),
    #[cache_key(with = write_nothing::<Trace>)]
    trace: Trace,
    #[cache_key(with = <str as CacheKey>::write_key)]
    borrowed: &'a str,
}

#[derive(CacheKey)]
struct Both(#[cache_key(with = write_both)] (u8, u8));

#[derive(CacheKey)]
enum Either {
    Bytes(#[cache_key(with = hex::write)] [u8; 2]),
}

#[test]
fn with_writes_a_field_in_another_way() {
    let written = Written { bytes: vec![1, 255], pair: (1, 2), trace: Trace, borrowed: "" };
    assert_eq!(text(&written), "(digest=01ff,pair=(1,2),trace=(),borrowed=~)");
    assert_eq!(text(&(Both((1, 2)), 3)), "((1,2),3)");
    assert_eq!(text(&Either::Bytes([1, 255])), "(Bytes,01ff)");
}

mod kit {
    pub(super) use ::cached_kit as elsewhere;
}

#[derive(CacheKey)]
#[cache_key(crate = kit::elsewhere)]
struct Elsewhere {
    #[cache_key(with = write_both)]
    pair: (u8, u8),
    id: u8,
}

#[test]
fn the_crate_can_be_elsewhere() {
    assert_eq!(text(&Elsewhere { pair: (1, 2), id: 3 }), "(pair=(1,2),id=3)");
}

macro_rules! keyed {
    ($name:ident, $field:ident: $ty:ty, $label:literal, $with:path, $krate:path) => {
        #[derive(CacheKey)]
        #[cache_key(crate = $krate)]
        struct $name {
            #[cache_key(rename = $label, with = $with)]
            $field: $ty,
            plain: $ty,
        }
    };
}
keyed!(Generated, pair: (u8, u8), "first", write_both, ::cached_kit);

#[test]
fn options_come_through_macros() {
    let generated = Generated { pair: (1, 2), plain: (3, 4) };
    assert_eq!(text(&generated), "(first=(1,2),plain=(3,4))");
}

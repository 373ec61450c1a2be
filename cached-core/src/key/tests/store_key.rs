//! Whole keys: functions, labels, templates, digests.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::Timeout;
use crate::codec::{Codec, Envelope, Opened, Packing};
use crate::key::TypeNames;

const XY: KeyText = KeyText::Labelled(&["x", "y"]);

/// Makes the key of a call with two arguments.
fn key(name: &str, form: KeyText, x: &str, y: Option<&str>) -> StoreKey {
    StoreKey::of(name, &TypeNames::NONE, form, &arguments(x, &y)).unwrap()
}

fn arguments<'a>(x: &'a str, y: &'a Option<&'a str>) -> impl Lookup + use<'a> {
    (Probe(x).shared_part(), (Probe(y).text_part(), ()))
}

#[test]
fn a_key_says_the_function_and_each_argument() {
    assert_eq!(key("users::get@2", XY, "a:b", None).text, "users::get@2:x=a%3Ab,y=!");
    let form = KeyText::Template(&[
        Piece::Text("user:"),
        Piece::Part(1),
        Piece::Text("/"),
        Piece::Part(0),
    ]);
    assert_eq!(key("get", form, "", Some("a/b")).text, "get:user:a%2Fb/~");
    assert_eq!(
        StoreKey::of("f", &TypeNames::NONE, KeyText::Labelled(&[]), &()).unwrap().text,
        "f:"
    );
    let label = KeyText::Labelled(&["größe"]);
    let args = (Probe(&1u8).shared_part(), ());
    assert_eq!(
        StoreKey::of("f", &TypeNames::NONE, label, &args).unwrap().text,
        "f:gr%C3%B6%C3%9Fe=1"
    );
}

#[test]
fn an_argument_without_a_text_makes_no_key() {
    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Opaque;
    let args = (Probe(&Opaque).memory_part(), ());
    assert_eq!(StoreKey::of("f", &TypeNames::NONE, KeyText::Labelled(&["x"]), &args), None);
}

#[test]
fn over_200_bytes_the_arguments_become_a_digest() {
    let form = KeyText::Labelled(&["x"]);
    let of = |length: usize| {
        let text = "a".repeat(length);
        StoreKey::of("f", &TypeNames::NONE, form, &(Probe(text.as_str()).shared_part(), ()))
            .unwrap()
            .text
    };
    assert_eq!(of(198), format!("f:x={}", "a".repeat(198)));
    let digest = "f:#ba6f095938bdcdd0bc57bfdf9eacbeca1945af637165700803229f385ed98762";
    assert_eq!(of(199), digest);
    assert_ne!(of(199), of(200));
    // Bytes count as they are written.
    assert_eq!(of(66).len(), 2 + 2 + 66);
    let text = " ".repeat(67);
    let escaped =
        StoreKey::of("f", &TypeNames::NONE, form, &(Probe(text.as_str()).shared_part(), ()))
            .unwrap();
    assert!(escaped.text.starts_with("f:#"));
}

/// bug 37: two keys of one digest are still two keys, as their check hashes differ.
#[test]
fn bug_37_a_collision_of_digests_gives_no_wrong_value() {
    let constant = |_: &str| "0".repeat(64);
    let long = |c: &str| c.repeat(300);
    let with = |x: &str| {
        StoreKey::with_digest("f", &TypeNames::NONE, XY, &arguments(x, &None), constant).unwrap()
    };
    let (ours, theirs) = (with(&long("a")), with(&long("b")));
    assert_eq!(ours.text, theirs.text, "they meet in the store");
    assert_ne!(ours.check, theirs.check);
    let value = Codec::Json.encode("theirs").unwrap();
    let bytes = Envelope { created_millis: 1, fresh: Timeout::Never, check: theirs.check, value };
    let packing = &Packing::default();
    let bytes = bytes.to_bytes(&packing.compression).unwrap();
    assert!(matches!(Envelope::open(&bytes, ours.check, 1, packing), Opened::Unreadable(_)));
    assert!(matches!(Envelope::open(&bytes, theirs.check, 1, packing), Opened::Fresh(..)));
}

/// Finding "Soundness" 5: types of one name meet in the store, and their check hashes differ.
#[test]
fn a_mark_is_in_the_check_and_not_in_the_key() {
    let of = |mark| {
        let types = TypeNames { text: "T=app%3A%3Af%3A%3ALocal".to_owned(), mark };
        StoreKey::of("f", &types, XY, &arguments("a", &None)).unwrap()
    };
    let keys = [of(None), of(Some(0)), of(Some(1))];
    assert!(keys.iter().all(|key| key.text == "f:T=app%3A%3Af%3A%3ALocal,x=a,y=!"), "{keys:?}");
    assert_ne!(keys[0].check, keys[1].check);
    assert_ne!(keys[1].check, keys[2].check);
    assert_eq!(of(Some(1)), keys[2]);
}

/// The functions of one program: their names differ, versions included, as `install` sees to.
const FUNCTIONS: &[(&str, KeyText)] = &[
    ("a", XY),
    ("a@2", XY),
    ("a::b", XY),
    ("a::b@2", KeyText::Labelled(&["y", "x"])),
    ("ab", KeyText::Labelled(&["x", "x"])),
    ("b", KeyText::Template(&[Piece::Part(0), Piece::Text(":"), Piece::Part(1)])),
    (
        "c",
        KeyText::Template(&[Piece::Text("x="), Piece::Part(0), Piece::Text(";"), Piece::Part(1)]),
    ),
    (
        "a.b",
        KeyText::Template(&[
            Piece::Text("b:x="),
            Piece::Part(0),
            Piece::Text("-/"),
            Piece::Part(1),
        ]),
    ),
];

fn argument() -> impl Strategy<Value = String> {
    prop_oneof!["[ab:/;,=@#()!~%-]{0,3}", "[ab:]{195,205}", any::<String>()]
}

proptest! {
    /// bug 35: no two calls that differ in the function or in an argument meet.
    #[test]
    fn bug_35_calls_that_differ_have_keys_that_differ(
        calls in prop::collection::vec(
            (0..FUNCTIONS.len(), argument(), prop::option::of(argument())), 2..20,
        ),
    ) {
        let mut seen: HashMap<String, (usize, String, Option<String>)> = HashMap::new();
        for call in calls {
            let (name, form) = FUNCTIONS[call.0];
            let key = key(name, form, &call.1, call.2.as_deref()).text;
            assert!(key.bytes().all(|b| b.is_ascii_graphic()), "{key}");
            assert!(!key.contains(['*', '?', '[', ']', '{', '}', '\\', '"', '\'']), "{key}");
            let before = seen.entry(key.clone()).or_insert_with(|| call.clone());
            assert_eq!(*before, call, "both are {key}");
        }
    }
}

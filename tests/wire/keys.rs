//! Keys of annotated functions, and keys made by hand.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use cached_kit::key::KeyWriter;
use cached_kit::{Caches, Scope, Store, block_on, cached};
use serde_json::{Value, json};

use crate::setup::setup;

pub(crate) struct Request<'a> {
    tenant: &'a str,
}

#[cached(using = "packed")]
fn no_arguments() -> u8 {
    0
}

#[cached(using = "packed")]
async fn plain(id: u64, name: &str) -> Result<u8, String> {
    Ok(id as u8 + name.len() as u8)
}

#[cached(using = "packed", version = 3)]
fn versioned(r#type: Option<&str>, force_update: bool) -> bool {
    r#type.is_some() || force_update
}

#[cached(using = "packed")]
fn collections(tags: &[Option<String>], map: HashMap<String, Vec<u8>>, at: (f64, f32)) -> usize {
    tags.len() + map.len() + at.0 as usize
}

#[cached(using = ["memory", "packed"])]
fn paths(path: &Path, größe: [i32; 2]) -> usize {
    path.components().count() + größe.len()
}

#[cached(using = "packed", name = "users.get-all", include = [req.tenant, name.to_lowercase()])]
fn included(req: &Request<'_>, name: &str) -> usize {
    req.tenant.len() + name.len()
}

#[cached(using = "packed", name = "users::get", version = 0, key = "user:{id}/{role}")]
fn written(id: u64, role: &str) -> usize {
    id as usize + role.len()
}

mod one {
    #[super::cached(using = "packed")]
    pub(super) fn same(x: u8) -> u8 {
        x
    }
}

mod two {
    #[super::cached(using = "packed")]
    pub(super) fn same(x: u64) -> u64 {
        x + 1
    }
}

/// `arguments` is written here by hand, so that it says what is in the key when that is a digest.
pub(crate) fn vector(call: &str, name: &str, arguments: &str, key: String) -> Value {
    json!({ "call": call, "name": name, "arguments": arguments, "key": key })
}

pub(crate) fn vectors() -> Vec<Value> {
    setup();
    let map = HashMap::from([("b".to_owned(), vec![1, 2]), ("a:".to_owned(), vec![])]);
    let tags = [Some(String::new()), None, Some("x,y".to_owned())];
    let eu = Request { tenant: "eu/1" };
    let mut all = vec![
        vector("no_arguments()", "wire::keys::no_arguments", "", no_arguments::entry().key()),
        vector(
            "plain(7, \"Ada\")",
            "wire::keys::plain",
            "id=7,name=Ada",
            plain::entry(7, "Ada").key(),
        ),
        vector(
            "versioned(None, _)",
            "wire::keys::versioned@3",
            "type=!",
            versioned::entry(None).key(),
        ),
        vector(
            "versioned(Some(\"\"), _)",
            "wire::keys::versioned@3",
            "type=~",
            versioned::entry(Some("")).key(),
        ),
        vector(
            "collections(&[Some(\"\"), None, Some(\"x,y\")], {\"b\": [1, 2], \"a:\": []}, (-0.0, NaN))",
            "wire::keys::collections",
            "tags=(~,!,x%2Cy),map=((a%3A,()),(b,(1,2))),at=(0e0,nan)",
            collections::entry(&tags, map, (-0.0, f32::NAN)).key(),
        ),
        vector(
            "paths(\"./a//b\", [-1, 1])",
            "wire::keys::paths",
            "path=.%2Fa%2Fb,gr%C3%B6%C3%9Fe=(-1,1)",
            paths::entry(Path::new("./a//b"), [-1, 1]).key(),
        ),
        vector(
            "included(eu/1, \"ADA\")",
            "users.get-all",
            "req.tenant=eu%2F1,1=ada",
            included::entry(&eu, "ADA").key(),
        ),
        vector(
            "written(7, \"a/b\")",
            "users::get@0",
            "user:7/a%2Fb",
            written::entry(7, "a/b").key(),
        ),
        vector("one::same(1)", "wire::keys::one::same", "x=1", one::same::entry(1).key()),
        vector("two::same(1)", "wire::keys::two::same", "x=1", two::same::entry(1).key()),
    ];
    // On both sides of the limit of 200 bytes, `id=1,name=` being 10 of them.
    for name in ["n".repeat(190), "n".repeat(191), "é".repeat(31), "é".repeat(32), "z".repeat(999)]
    {
        let arguments = format!("id=1,name={}", KeyWriter::text_of(&name));
        let call =
            format!("plain(1, {} times {:?})", name.chars().count(), &name.chars().next().unwrap());
        all.push(vector(&call, "wire::keys::plain", &arguments, plain::entry(1, &name).key()));
    }
    let role = "r".repeat(194);
    let arguments = format!("user:1/{role}");
    all.push(vector(
        "written(1, 194 times 'r')",
        "users::get@0",
        &arguments,
        written::entry(1, &role).key(),
    ));
    all
}

pub(crate) fn by_hand() -> Vec<Value> {
    let keys = ["", "user:1", "a/b@c", "a b*?[c]{d}\\", "~", "é🦀", "%3A", "a,b=(c)!#", "x\ny\0"];
    let versions = [None, Some(0), Some(7)];
    let mut all: Vec<_> = keys.iter().map(|key| (*key, None)).collect();
    all.extend(versions.map(|version| ("same:key", version)));
    let stored = all.iter().map(|(key, version)| {
        json!({ "key": key, "version": version, "stored": stored_under(key, *version) })
    });
    stored.collect()
}

/// Finds out under which key the store has an entry, by taking all others away.
fn stored_under(key: &str, version: Option<u32>) -> String {
    setup();
    // A store of its own: the others fill up while this one is looked at.
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap();
    let cache = Caches::get("json").unwrap();
    let cache = version.map_or(cache.clone(), |version| cache.version(version)).blocking();
    let store = &setup().json;
    let marked = |all: Vec<String>| all.into_iter().filter(|key| key.starts_with([':', '@']));
    let before: HashSet<_> = marked(block_on(store.scan(&Scope::all())).unwrap()).collect();
    cache.set(key, &"marked").unwrap();
    let after: Vec<_> = marked(block_on(store.scan(&Scope::all())).unwrap()).collect();
    assert!(cache.delete(key).unwrap());
    let new: Vec<_> = after.into_iter().filter(|key| !before.contains(key)).collect();
    assert_eq!(new.len(), 1, "{key:?} gave {new:?}");
    new.into_iter().next().unwrap()
}

#[test]
fn bug_36_functions_of_one_name_in_two_modules_have_entries_of_their_own() {
    setup();
    assert_eq!((one::same(1), two::same(1)), (1, 2));
    assert_eq!((one::same(1), two::same(1)), (1, 2));
    assert_ne!(one::same::entry(1).key(), two::same::entry(1).key());
}

/// bug 36, in memory: functions inside of others may even have one path.
#[test]
fn bug_36_inner_functions_of_one_path_have_entries_of_their_own() {
    setup();
    fn first() -> u8 {
        #[cached]
        fn inner(x: u8) -> u8 {
            x + 1
        }
        inner(1)
    }
    fn second() -> u8 {
        #[cached]
        fn inner(x: u8) -> u8 {
            x + 2
        }
        inner(1)
    }
    assert_eq!((first(), second(), first(), second()), (2, 3, 2, 3));
}

/// bug 35: what the key is made from is looked at as a whole.
#[test]
fn bug_35_calls_that_differ_are_computed_apart() {
    setup();
    #[cached(using = "packed", timeout = "1h")]
    fn joined(a: &str, b: Option<&str>) -> String {
        format!("{a:?} {b:?}")
    }
    let corpus = ["", "a", "ab", "b", ":", "%", "\0", "!", "~", ",b=a", "a,b=!"];
    for _ in 0..2 {
        for a in corpus {
            assert_eq!(joined(a, None), format!("{a:?} None"));
            for b in corpus {
                assert_eq!(joined(a, Some(b)), format!("{a:?} {:?}", Some(b)));
            }
        }
    }
    let computed = corpus.len() * (corpus.len() + 1);
    assert_eq!(joined::stats().computed, computed as u64);
}

#[test]
fn all_kinds_of_calls_can_be_made() {
    setup();
    let tags = [None];
    for _ in 0..2 {
        assert_eq!(no_arguments(), 0);
        assert_eq!(block_on(plain(1, "a")), Ok(2));
        assert!(versioned(Some("a"), false));
        assert_eq!(collections(&tags, HashMap::new(), (1.5, 0.0)), 2);
        assert_eq!(paths(Path::new("a/b"), [0, 0]), 4);
        assert_eq!(included(&Request { tenant: "x" }, "ADA"), 4);
        assert_eq!(written(1, "a"), 2);
    }
    let hits = [no_arguments::stats().hits, plain::stats().hits, included::stats().hits];
    assert_eq!(hits, [1, 1, 1]);
}

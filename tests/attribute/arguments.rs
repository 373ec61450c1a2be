//! Arguments of many types: looked up by reference, told apart by value.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cached_kit::key::KeyWriter;
use cached_kit::{CacheKey, block_on, cached};

use crate::fixture::set_up;

/// Counts how often it is copied, in whatever way.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Counted(u64);

static COPIES: AtomicU32 = AtomicU32::new(0);
static COUNTING: Mutex<()> = Mutex::new(());

impl Clone for Counted {
    fn clone(&self) -> Self {
        COPIES.fetch_add(1, Ordering::SeqCst);
        Counted(self.0)
    }
}

#[cached]
fn by_reference(one: &Counted, many: &[Counted]) -> usize {
    one.0 as usize + many.len()
}

#[cached]
async fn by_value(one: Counted, option: Option<Counted>) -> u64 {
    one.0 + option.map_or(0, |counted| counted.0)
}

#[cached]
fn texts(name: &str, list: &[u32], path: &Path) -> usize {
    name.len() + list.len() + path.as_os_str().len()
}

#[cached]
fn floats(x: f64, pair: (f32, u8)) -> f64 {
    x + f64::from(pair.0)
}

#[cached]
fn borrows_inside(option: Option<&str>, list: &[&str], pair: (&str, u8)) -> usize {
    option.map_or(0, str::len) + list.len() + pair.0.len()
}

#[cached(using = ["memory", "far"])]
fn borrows_inside_and_leaves(option: Option<&str>, list: &[&str]) -> usize {
    option.map_or(0, str::len) + list.len()
}

#[cached]
fn collections(map: HashMap<String, u8>, set: &HashSet<u8>, tree: &BTreeMap<u8, f32>) -> usize {
    map.len() + set.len() + tree.len()
}

#[cached(using = "far")]
#[allow(clippy::too_many_arguments, reason = "there is to be no limit")]
async fn many(
    a: u8,
    b: i128,
    c: char,
    d: bool,
    e: String,
    f: Vec<Option<u8>>,
    g: IpAddr,
    h: Duration,
    i: (),
    j: [u8; 3],
    k: Box<str>,
    l: (u8, (u8, u8)),
    m: Result<u8, String>,
) -> u64 {
    let _ = (b, c, d, e, f, g, h, i, j, k, l, m);
    u64::from(a)
}

/// Has neither `Hash` nor `Clone`, only a text.
struct Written(u64);

impl CacheKey for Written {
    fn write_key(&self, key: &mut KeyWriter) {
        self.0.write_key(key);
    }
}

#[cached]
fn written(by_reference: &Written, by_value: Written) -> u64 {
    by_reference.0 + by_value.0
}

/// Has no text, so that it can only be told apart in memory.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Hashed(u64);

#[cached]
fn hashed(by_reference: &Hashed, by_value: Hashed) -> u64 {
    by_reference.0 + by_value.0
}

#[test]
fn a_hit_copies_no_argument() {
    set_up();
    let _turn = COUNTING.lock().unwrap();
    let (one, many) = (Counted(1), [Counted(2), Counted(3)]);
    assert_eq!(by_reference(&one, &many), 3);
    let before = COPIES.load(Ordering::SeqCst);
    assert!(before >= 3, "the owned key was made of {before} copies");
    for _ in 0..10 {
        assert_eq!(by_reference(&one, &many), 3);
    }
    assert_eq!(COPIES.load(Ordering::SeqCst), before);
    assert_eq!(by_reference::stats().computed, 1);
}

#[test]
fn a_hit_copies_no_argument_that_was_moved() {
    set_up();
    let _turn = COUNTING.lock().unwrap();
    let call = || block_on(by_value(Counted(1), Some(Counted(2))));
    assert_eq!(call(), 3);
    let before = COPIES.load(Ordering::SeqCst);
    for _ in 0..10 {
        assert_eq!(call(), 3);
    }
    assert_eq!(COPIES.load(Ordering::SeqCst), before);
    assert_eq!(by_value::stats().computed, 1);
}

#[test]
fn unsized_arguments() {
    set_up();
    let calls =
        [("a", &[1, 2][..], "/x"), ("a", &[1, 2], "/x"), ("a", &[12], "/x"), ("a", &[1, 2], "/y")];
    for (name, list, path) in calls {
        assert_eq!(texts(name, list, Path::new(path)), 1 + list.len() + 2);
    }
    assert_eq!(texts::stats().computed, 3);
}

#[test]
fn floats_are_keys() {
    set_up();
    let nans = [f64::NAN, -f64::NAN];
    for x in [1.5, 1.5, 0.0, -0.0, nans[0], nans[1], 1.25] {
        let _ = floats(x, (0.5, 1));
    }
    assert_eq!(floats::stats().computed, 4);
}

#[test]
fn arguments_that_borrow_inside_are_keys() {
    set_up();
    for (option, list) in
        [(Some("ab"), &["x"][..]), (Some("ab"), &["x"]), (None, &["x"]), (None, &["x", ""])]
    {
        let expected = option.map_or(0, str::len) + list.len();
        assert_eq!(borrows_inside(option, list, ("a", 1)), expected + 1);
        assert_eq!(borrows_inside_and_leaves(option, list), expected);
    }
    assert_eq!(borrows_inside::stats().computed, 3);
    assert_eq!(borrows_inside_and_leaves::stats().computed, 3);
    // Text that was lent for one call is not what the key keeps.
    let lent = String::from("ab");
    assert_eq!(borrows_inside(Some(&lent), &[&String::from("x")], (&lent[..1], 1)), 4);
    assert_eq!(borrows_inside::stats().computed, 3);
}

#[test]
fn collections_without_an_order_are_keys_bug_41() {
    set_up();
    let mut texts = HashSet::new();
    for round in 0..50 {
        let map: HashMap<String, u8> =
            (0..20).map(|i| (i + round) % 20).map(|i| (i.to_string(), i)).collect();
        let set: HashSet<u8> = (0..20).map(|i| (i + round) % 20).collect();
        let tree = BTreeMap::from([(1, 1.5)]);
        texts.insert(collections::entry(map.clone(), &set, &tree).key());
        assert_eq!(collections(map, &set, &tree), 41);
    }
    assert_eq!(collections::stats().computed, 1);
    assert_eq!(texts.len(), 1);
}

#[test]
fn a_dozen_arguments_and_one() {
    set_up();
    let call = |a: u8| {
        let list = vec![None, Some(1)];
        let address = IpAddr::from([127, 0, 0, 1]);
        let second = Duration::from_secs(1);
        let text: Box<str> = "k".into();
        let (e, m) = ("e".to_owned(), Err("m".to_owned()));
        block_on(many(a, -1, 'c', true, e, list, address, second, (), [1; 3], text, (1, (2, 3)), m))
    };
    assert_eq!([call(1), call(1), call(2)], [1, 1, 2]);
    assert_eq!(many::stats().computed, 2);
}

#[test]
fn types_of_ones_own() {
    set_up();
    for (a, b) in [(1, 2), (1, 2), (2, 1)] {
        assert_eq!(written(&Written(a), Written(b)), 3);
        assert_eq!(hashed(&Hashed(a), Hashed(b)), 3);
    }
    assert_eq!(written::stats().computed, 2);
    assert_eq!(hashed::stats().computed, 2);
    assert_eq!(
        written::entry(&Written(1), Written(2)).key(),
        "attribute::arguments::written:by_reference=1,by_value=2"
    );
    assert_eq!(hashed::entry(&Hashed(1), Hashed(2)).key(), "attribute::arguments::hashed");
}

//! Values that have collided in other caches, one by one.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::ffi::{CString, OsString};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::num::{NonZero, Wrapping};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use super::*;

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// bug 35: whatever a text contains, it does not reach over into its neighbour.
#[test]
fn bug_35_texts_do_not_run_into_each_other() {
    let texts = [
        "", "a", "ab", "abc", "b", "bc", "c", ":", "::", "%", "%25", "%3A", "\0", "\0\0", ",",
        "a,b", "(", ")", "()", "(a,b)", "!", "!!", "~", "=", "a=b", "#", "@", " ", "\n", "\u{7f}",
        "*", "?", "[a]", "{a}", "\\", "\"", "é", "e\u{301}", "🦀", "\u{fffd}", "ok", "err", "nan",
        "0",
    ];
    assert_injective(&owned(&texts));
    let pairs = texts.iter().flat_map(|one| texts.map(|other| (one.to_string(), other.to_owned())));
    let keys: HashSet<_> = pairs.map(|pair| text(&pair)).collect();
    assert_eq!(keys.len(), texts.len() * texts.len());
    assert_ne!(text(&("ab", "c")), text(&("a", "bc")));
}

#[test]
fn bug_35_nothing_is_not_the_empty_text_at_any_depth() {
    let deep: [Option<Option<Option<String>>>; 6] = [
        None,
        Some(None),
        Some(Some(None)),
        Some(Some(Some(String::new()))),
        Some(Some(Some("!".into()))),
        Some(Some(Some("!!!".into()))),
    ];
    assert_injective(&deep);
    assert_eq!(deep.each_ref().map(text), ["!", "!!", "!!!", "~", "%21", "%21%21%21"]);
    assert_injective(&[None, Some(vec![]), Some(vec![None]), Some(vec![Some(vec![0u8])])]);
    assert_injective(&[(None, Some("")), (Some(""), None), (None, None), (Some(""), Some(""))]);
    assert_ne!(text(&Some(())), text(&None::<()>));
}

#[test]
fn bug_35_nesting_shows() {
    assert_injective(&[
        vec![],
        vec![vec![]],
        vec![vec![], vec![]],
        vec![vec![owned(&[""])]],
        vec![vec![owned(&["a", "b"])]],
        vec![vec![owned(&["a"])], vec![owned(&["b"])]],
        vec![vec![owned(&["a"]), owned(&["b"])]],
    ]);
    assert_ne!(text(&((1, 2), 3)), text(&(1, (2, 3))));
    assert_ne!(text(&((1, 2), 3)), text(&(1, 2, 3)));
    assert_ne!(text(&[[1, 2], [3, 4]]), text(&[1, 2, 3, 4]));
}

/// A type of the user's that forgets to make a group.
struct Forgetful(&'static str, &'static str);

impl CacheKey for Forgetful {
    fn write_key(&self, key: &mut KeyWriter) {
        key.text(self.0);
        key.text(self.1);
    }
}

/// A type of the user's that writes as many values as it has.
struct Some0To3(&'static [&'static str]);

impl CacheKey for Some0To3 {
    fn write_key(&self, key: &mut KeyWriter) {
        self.0.iter().for_each(|each| key.text(each));
    }
}

#[test]
fn bug_35_values_written_one_after_another_are_a_group() {
    assert_eq!(text(&Forgetful("ab", "c")), "(ab,c)");
    assert_eq!(text(&Forgetful("a", "bc")), "(a,bc)");
    assert_eq!(text(&(Forgetful("a", "b"), "c")), "((a,b),c)");
    assert_eq!(text(&Some(Forgetful("", "b"))), "(~,b)");
    assert_eq!(text(&vec![Some(Forgetful("a", "b")), None]), "((a,b),!)");
    let texts = [&[][..], &["a"], &["a", "b"], &["a", "b", "c"]].map(|all| text(&Some0To3(all)));
    assert_eq!(texts, ["()", "a", "(a,b)", "(a,b,c)"]);
    assert_eq!(text(&(Some0To3(&[]), Some0To3(&["a", "b"]))), "((),(a,b))");
}

/// A type of the user's whose values have names, any names.
#[derive(Debug, PartialEq)]
struct Named(Vec<(&'static str, &'static str)>);

impl CacheKey for Named {
    fn write_key(&self, key: &mut KeyWriter) {
        key.group(|parts| self.0.iter().for_each(|(name, value)| parts.field(name, value)));
    }
}

#[test]
fn bug_35_names_do_not_run_into_values() {
    assert_eq!(text(&Named(vec![("größe", "a,b"), ("", "")])), "(gr%C3%B6%C3%9Fe=a%2Cb,=~)");
    let texts = ["", "=", "a", "a=", "=a", "a=b", ",", "a,b=c", "(", "~"];
    let pairs = texts.into_iter().flat_map(|name| texts.map(|value| vec![(name, value)]));
    let more = [vec![], vec![("a", "b"), ("c", "d")], vec![("a", ""), ("", "d")]];
    assert_injective(&pairs.chain(more).map(Named).collect::<Vec<_>>());
}

#[cfg(unix)]
#[test]
fn bug_35_names_that_are_not_text_stay_apart() {
    use std::os::unix::ffi::OsStringExt as _;
    let names: Vec<_> =
        [&b"\xff"[..], b"\xfe", b"\xff\xff", b"", "\u{fffd}".as_bytes(), b"%FF", b"a/b", b"a"]
            .into_iter()
            .map(|bytes| OsString::from_vec(bytes.to_vec()))
            .collect();
    assert_injective(&names);
    assert_injective(&names.into_iter().map(PathBuf::from).collect::<Vec<_>>());
    assert_eq!(text(&PathBuf::from(OsString::from_vec(b"a\xff".to_vec()))), "a%FF");
    assert_injective(&[c"".to_owned(), c"a".to_owned(), CString::new([0xff]).unwrap()]);
}

/// Memory takes these for one path, so a store must not keep two entries of which `invalidate`
/// finds one.
#[test]
fn equal_paths_have_one_text() {
    let paths = ["a/b", "a//b", "a/./b", "a/b/", "a", "./a", "/a", "//a/", "/", "", ".", "a/../b"];
    assert_injective(&paths.map(PathBuf::from));
}

#[test]
fn addresses_tell_all_that_they_are() {
    let v6 = |flow, scope| SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, flow, scope);
    let v6s = [v6(0, 0), v6(1, 0), v6(0, 1), v6(1, 1), v6(2, 1)];
    assert_injective(&v6s);
    let v4: SocketAddr = "1.2.3.4:80".parse().unwrap();
    let mapped: SocketAddr = "[::ffff:1.2.3.4]:80".parse().unwrap();
    assert_injective(&v6s.iter().map(|&v6| v6.into()).chain([v4, mapped]).collect::<Vec<_>>());
    let v4 = Ipv4Addr::new(1, 2, 3, 4);
    assert_injective(&[IpAddr::V4(v4), v4.to_ipv6_mapped().into(), Ipv6Addr::UNSPECIFIED.into()]);
}

/// An exhausted range is empty, and a function of it has another result.
#[test]
fn an_exhausted_range_is_not_a_fresh_one() {
    let mut exhausted = 1..=1;
    exhausted.next();
    let range = std::ops::RangeInclusive::new;
    assert_injective(&[range(1, 1), exhausted, range(1, 0), range(2, 0), range(1, 2)]);
    assert_injective(&[1..1, 1..2, 0..1]);
}

#[test]
fn a_float_is_one_key_if_it_is_one_number() {
    let nans = [f64::NAN, -f64::NAN, f64::from_bits(0x7ff8_0000_0000_0001)];
    assert!(nans.iter().all(|nan| text(nan) == "nan"));
    assert_eq!((text(&0.0f64), text(&-0.0f64)), ("0e0".into(), "0e0".into()));
    assert_eq!(text(&f32::NAN), "nan");
    assert_eq!(text(&-0.0f32), "0e0");
    let tiny = f64::MIN_POSITIVE;
    let apart = [0.0, 1.0, -1.0, 0.1, 0.1 + 0.2, 0.3, 1e300, 5e-324, tiny, f64::MAX, f64::INFINITY];
    assert_injective(&apart);
    assert_injective(&apart.map(|float| -float));
    assert_injective(&[1.0f32, 1.0 + f32::EPSILON, f32::MAX, f32::NEG_INFINITY, 1e-45]);
}

/// bug 41: neither the order of insertion nor the state of the hasher shows.
#[test]
fn bug_41_a_set_or_map_built_in_100_orders_is_one_key() {
    let numbers: Vec<u32> = (0..50).collect();
    let (mut sets, mut maps, mut nested) = (HashSet::new(), HashSet::new(), HashSet::new());
    for turn in 0..100 {
        let mut order = numbers.clone();
        order.rotate_left(turn % 50);
        if turn >= 50 {
            order.reverse();
        }
        let set: HashSet<u32> = order.iter().copied().collect();
        let map: HashMap<String, u32> = order.iter().map(|n| (n.to_string(), n * n)).collect();
        let deep: HashMap<u32, HashSet<u32>> = order.iter().map(|n| (*n, set.clone())).collect();
        sets.insert(text(&set));
        maps.insert(text(&map));
        nested.insert(text(&deep));
    }
    assert_eq!((sets.len(), maps.len(), nested.len()), (1, 1, 1));
    let set: BTreeSet<u32> = numbers.iter().copied().collect();
    assert_eq!(sets.into_iter().next(), Some(text(&set)), "a sorted set is the same set");
    let map: BTreeMap<String, u32> = numbers.iter().map(|n| (n.to_string(), n * n)).collect();
    assert_eq!(maps.into_iter().next(), Some(text(&map)));
}

#[test]
fn what_wraps_a_value_adds_nothing() {
    let plain = text("a b");
    assert_eq!(plain, "a%20b");
    let string = String::from("a b");
    assert_eq!(text(&&string), plain);
    assert_eq!(text(&Box::new(string.clone())), plain);
    assert_eq!(text(&Rc::<str>::from("a b")), plain);
    assert_eq!(text(&Arc::<str>::from("a b")), plain);
    assert_eq!(text(&Cow::Borrowed("a b")), plain);
    assert_eq!(text(&Some(string.clone())), plain);
    assert_eq!(text(&Reverse(string)), plain);
    assert_eq!(text(&Wrapping(5u8)), "5");
    assert_eq!(text(&NonZero::<u8>::MIN), "1");
    assert_eq!(text(&VecDeque::from([1, 2])), text(&[1, 2]));
}

#[test]
fn times_orders_and_results_are_told_apart() {
    let nano = Duration::from_nanos(1);
    assert_injective(&[Duration::ZERO, nano, Duration::from_secs(1), Duration::MAX]);
    assert_injective(&[UNIX_EPOCH, UNIX_EPOCH + nano, UNIX_EPOCH - nano]);
    assert_injective(&[Ordering::Less, Ordering::Equal, Ordering::Greater]);
    assert_injective(&[Ok("a"), Err("a"), Ok(""), Err("")]);
    assert_injective(&[true, false]);
    assert_injective(&['a', ',', '\0', 'é', '~', ' ']);
    assert_injective(&[i128::MIN, -1, 0, 1, i128::MAX]);
}

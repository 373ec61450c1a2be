//! Values that other caches took for nothing.

use cached_kit::{Caches, cached};

use crate::setup::{raw, setup};

/// Makes three functions of each value, and a test that each runs once and returns it twice.
macro_rules! run_once {
    ($($name:ident: $ty:ty = $value:expr;)*) => {$(
        mod $name {
            use super::*;

            #[cached(timeout = 60)]
            fn memory() -> $ty {
                $value
            }

            #[cached(using = "packed", timeout = 60)]
            fn packed() -> $ty {
                $value
            }

            #[cached(using = "json", timeout = 60)]
            fn json() -> $ty {
                $value
            }

            #[cached(using = ["memory", "packed"], timeout = 60)]
            fn stacked() -> $ty {
                $value
            }

            fn value() -> $ty {
                $value
            }

            #[test]
            fn bug_42_runs_once_and_comes_back_as_it_was() {
                setup();
                for call in [memory, packed, json, stacked] {
                    assert_eq!([call(), call(), call()], [value(), value(), value()]);
                }
                let computed = [memory::stats(), packed::stats(), json::stats(), stacked::stats()];
                assert_eq!(computed.map(|stats| (stats.computed, stats.hits)), [(1, 2); 4]);
                assert_eq!(memory::entry().peek(), Some(value()));
                assert_eq!(packed::entry().peek(), Some(value()));
                assert_eq!(json::entry().peek(), Some(value()));
            }

            #[test]
            fn bug_42_by_hand_it_comes_back_as_it_was() {
                setup();
                for name in ["packed", "json", "memory"] {
                    let (cache, key) = (Caches::get(name).unwrap().blocking(), stringify!($name));
                    assert_eq!(cache.get::<$ty>(key).unwrap(), None);
                    cache.set(key, &value()).unwrap();
                    assert_eq!(cache.get::<$ty>(key).unwrap(), Some(value()));
                    assert!(cache.has(key).unwrap());
                    let never = || -> $ty { panic!("it is there") };
                    assert_eq!(cache.get_or_compute(key, never), value());
                    assert!(cache.delete(key).unwrap());
                    assert_eq!(cache.get_or_compute(key, || value()), value());
                    assert_eq!(cache.get_or_compute(key, never), value());
                }
            }
        }
    )*};
}

run_once! {
    unit: () = ();
    empty_text: String = String::new();
    empty_list: Vec<u8> = vec![];
    none: Option<u8> = None;
    some_none: Option<Option<u8>> = Some(None);
    some_some_none: Option<Option<Option<u8>>> = Some(Some(None));
    some_unit: Option<()> = Some(());
    zero: u8 = 0;
    no: bool = false;
    list_of_none: Vec<Option<u8>> = vec![None];
    an_entry: Vec<u8> = entry_bytes();
    an_entry_as_text: String = "\u{c1}K\u{1}\0".into();
    digits: String = "5".into();
    null: String = "null".into();
}

/// What an entry looks like, as a value.
fn entry_bytes() -> Vec<u8> {
    static BYTES: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    let make = || {
        let cache = Caches::get("packed").unwrap().blocking();
        cache.set("like an entry", "a value").unwrap();
        raw(&setup().packed, ":like%20an%20entry")
    };
    BYTES.get_or_init(make).clone()
}

#[test]
fn bug_42_an_error_is_no_value_and_none_in_ok_is_one() {
    setup();
    #[cached(using = "packed", timeout = 60)]
    fn find(id: u8) -> Result<Option<u8>, String> {
        match id {
            0 => Err("no such thing".into()),
            1 => Ok(None),
            id => Ok(Some(id)),
        }
    }
    for _ in 0..3 {
        assert_eq!(find(0), Err("no such thing".into()));
        assert_eq!(find(1), Ok(None));
        assert_eq!(find(2), Ok(Some(2)));
    }
    assert_eq!(find::stats().computed, 5);
    assert_eq!(find::entry(0).peek(), None);
    assert_eq!(find::entry(1).peek(), Some(None));
}

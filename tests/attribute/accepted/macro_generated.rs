//! Names, types, attributes and bodies that come through `macro_rules!`.

use cached_kit::{block_on, cached};

macro_rules! getter {
    ($name:ident) => {
        #[cached(timeout = 60)]
        fn $name(id: u64, text: &str) -> String {
            format!("{id}{text}")
        }
    };
}
getter!(get);

macro_rules! typed {
    ($name:ident, $param:ident: $ty:ty => $ret:ty, $timeout:expr, $body:expr) => {
        #[cached(timeout = $timeout, include = [$param])]
        async fn $name($param: $ty, other: u64) -> $ret {
            let _ = other;
            $body
        }
    };
}
typed!(length, text: &str => usize, 60, text.len());
typed!(sum, list: Vec<u64> => Option<u64>, std::time::Duration::from_secs(5), Some(list.iter().sum()));

macro_rules! with_literals {
    ($($name:ident: $key:literal, $max:literal;)*) => {$(
        #[cached(max_entries = $max, name = $key, key = "user:{id}")]
        fn $name(id: u64, force_update: bool) -> u64 {
            id + u64::from(force_update)
        }
    )*};
}
with_literals! { one: "first", 10; two: "second", 20; }

macro_rules! whole {
    ($item:item) => {
        #[cached]
        $item
    };
}
whole! {
    fn given(id: u64) -> u64 {
        id
    }
}

mod inner {
    macro_rules! relative {
        ($name:ident) => {
            #[cached_kit::cached(crate = $crate::accepted::macro_generated::inner::kit)]
            pub(super) fn $name(id: &u64, pair: (u64, u64)) -> u64 {
                *id + pair.0 + pair.1
            }
        };
    }
    pub(super) use cached_kit as kit;
    relative!(here);
}

#[test]
fn macros_make_cached_functions() {
    crate::fixture::set_up();
    assert_eq!(get(1, "a"), "1a");
    assert_eq!(block_on(length("abc", 1)), 3);
    assert_eq!(block_on(length::entry("abc").peek()), Some(3));
    assert_eq!(block_on(sum(vec![1, 2], 1)), Some(3));
    assert_eq!(one(1, false), 1);
    assert_eq!(one(1, true), 2);
    assert_eq!(two(1, false), 1);
    assert_eq!(two::entry(1).key(), "second:user:1");
    assert_eq!(given(1), 1);
    assert_eq!(inner::here(&1, (2, 3)), 6);
}

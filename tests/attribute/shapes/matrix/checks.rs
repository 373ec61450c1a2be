//! Makes cells of functions; `now` and `later` say whether they are sync.
//!
//! Of each key there are the types, the arguments, and the value that is due.

/// The ways to force a call that do not depend on what stands beside the function.
macro_rules! forced {
    (now, $call:expr) => {
        cached_kit::force_update(|| $call)
    };
    (later, $call:expr) => {
        later(cached_kit::ForceUpdate::force_update($call))
    };
}

/// Free functions, with their companions.
macro_rules! functions {
    ($wait:ident, $near:ident, $far:ident, $keys:tt) => {
        functions!(@one $wait, 1, $near, $keys);
        functions!(@one $wait, 2, $far, $keys);
    };
    (@one $wait:ident, $layers:literal, $f:ident,
        { $([$($types:tt)*] ($($arg:expr),*) => $value:literal;)* }) => {
        Cell {
            layers: $layers,
            keys: vec![$(Key {
                value: $value,
                call: Box::new(|| $wait($f $($types)* ($($arg),*)).seen()),
                force: vec![
                    Box::new(|| $wait($f::force_update $($types)* ($($arg),*)).seen()),
                    Box::new(|| forced!($wait, $f $($types)* ($($arg),*)).seen()),
                ],
                peek: Box::new(|| {
                    $wait($f::entry $($types)* ($($arg),*).peek()).map(Made::seen)
                }),
                invalidate: Box::new(|| {
                    $wait($f::entry $($types)* ($($arg),*).invalidate()).unwrap();
                }),
            }),*],
            clear: Box::new(|| $wait($f::clear()).unwrap()),
            stats: Box::new($f::stats),
            cache: Box::new($f::cache),
        }
        .check();
    };
}

/// Methods of a type, with their siblings.
macro_rules! methods {
    ($wait:ident, $type:ty, $near:tt, $far:tt, $keys:tt) => {
        methods!(@one $wait, $type, 1, $near, $keys);
        methods!(@one $wait, $type, 2, $far, $keys);
    };
    (@one $wait:ident, $type:ty, $layers:literal, ($f:ident $entry:ident $cache:ident),
        { $($own:ident [$($types:tt)*] ($($arg:expr),*) => $value:literal;)* }) => {
        Cell {
            layers: $layers,
            keys: vec![$(Key {
                value: $value,
                call: Box::new(|| $wait($own.$f $($types)* ($($arg),*)).seen()),
                force: vec![
                    Box::new(|| forced!($wait, $own.$f $($types)* ($($arg),*)).seen()),
                ],
                peek: Box::new(|| {
                    $wait($own.$entry $($types)* ($($arg),*).peek()).map(Made::seen)
                }),
                invalidate: Box::new(|| {
                    $wait($own.$entry $($types)* ($($arg),*).invalidate()).unwrap();
                }),
            }),*],
            clear: Box::new(|| <$type>::$cache().clear_blocking().unwrap()),
            stats: Box::new(|| <$type>::$cache().stats()),
            cache: Box::new(<$type>::$cache),
        }
        .check();
    };
}

/// Methods of a trait, beside which there is nothing.
macro_rules! of_a_trait {
    ($wait:ident, $near:ident, $far:ident, $keys:tt) => {
        of_a_trait!(@one $wait, 1, $near, $keys);
        of_a_trait!(@one $wait, 2, $far, $keys);
    };
    (@one $wait:ident, $layers:literal, $f:ident,
        { $($own:ident [$($types:tt)*] ($($arg:expr),*) => $value:literal;)* }) => {
        let cache = || {
            let name = concat!(module_path!(), "::", stringify!($f));
            cached_kit::Caches::global().function(name).unwrap()
        };
        Cell {
            layers: $layers,
            keys: vec![$({
                let call = || $wait($own.$f $($types)* ($($arg),*)).seen();
                let entry = std::rc::Rc::new(entry_of(call));
                let found = std::rc::Rc::clone(&entry);
                Key {
                    value: $value,
                    call: Box::new(call),
                    force: vec![
                        Box::new(|| forced!($wait, $own.$f $($types)* ($($arg),*)).seen()),
                    ],
                    peek: Box::new(move || found().ttl_blocking().map(|_| call())),
                    invalidate: Box::new(move || entry().invalidate_blocking().unwrap()),
                }
            }),*],
            clear: Box::new(move || cache().clear_blocking().unwrap()),
            stats: Box::new(move || cache().stats()),
            cache: Box::new(cache),
        }
        .check();
    };
}

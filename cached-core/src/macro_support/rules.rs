//! The fixed part of what `#[cached]` writes. The attribute fills in what it knows of the function;
//! the code round it is here, and not repeated in every expansion.
//!
//! Not stable, as everything in `private`, through which expansions reach it.

/// The handle of a function, and the static behind it.
#[doc(hidden)]
#[macro_export]
macro_rules! __site {
    ([$name:expr] [$($of:tt)*] $($facts:tt)*) => {{
        struct __CachedHere;
        static SITE: $crate::private::Site = $crate::private::Site::new(
            $crate::private::SiteSpec::new(
                $name,
                $crate::private::core::file!(),
                $crate::private::core::line!(),
            )
            .here($crate::private::core::any::type_name::<__CachedHere>) $($facts)*
        ) $($of)*;
        $crate::private::inventory::submit! { $crate::private::Registration(&SITE) }
        SITE.function()
    }};
}

/// The same for a function beside a method that may belong to a trait.
#[doc(hidden)]
#[macro_export]
macro_rules! __sibling_site {
    ([$name:expr] [$($of:tt)*] $($facts:tt)*) => {{
        static BESIDE: $crate::private::SiblingSite = $crate::private::SiblingSite::of(
            $crate::private::Site::new(
                $crate::private::SiteSpec::new(
                    $name,
                    $crate::private::core::file!(),
                    $crate::private::core::line!(),
                ) $($facts)*
            ) $($of)*
        );
        BESIDE.function()
    }};
}

/// What it is given. Where the path that leads here is wrong, the compiler says that and no more.
#[doc(hidden)]
#[macro_export]
macro_rules! __same {
    ($($tokens:tt)*) => { $($tokens)* };
}

/// Tells the compiler what a block returns, before anything in the block does.
#[doc(hidden)]
#[macro_export]
macro_rules! __returns {
    ($($returned:tt)*) => {
        if false {
            return $crate::private::anything::<$($returned)*>();
        }
    };
}

/// What success is for a function that returns this.
#[doc(hidden)]
#[macro_export]
macro_rules! __writer_shape {
    ($($returned:tt)*) => {{
        #[allow(unused_imports)]
        use $crate::private::probing::*;
        $crate::private::WriterProbe::<$($returned)*>::new().shape()
    }};
}

/// What a writer returned, if it has succeeded; the writer returns otherwise.
#[doc(hidden)]
#[macro_export]
macro_rules! __succeeded {
    ($outcome:ident) => {
        match $outcome {
            $crate::private::core::result::Result::Ok(success) => success,
            $crate::private::core::result::Result::Err(failed) => return failed,
        }
    };
}

/// The type beside a free function.
///
/// Where it has no room, the compiler names the macro that it comes from, so that in `private` the macro
/// has a name which says what to write.
#[doc(hidden)]
#[macro_export]
macro_rules! __companion {
    (
        $(#[$attr:meta])* [$about:literal] [$($vis:tt)*] $kind:ident $name:ident;
        call $arguments:tt [$($returns:tt)*] [$($call:tt)*]
        site [$($site:tt)*]
        plan $generics:tt $parameters:tt $returned:tt $bounds:tt $instance:tt $names:tt $plan:tt
        entry { $($entry:tt)* }
    ) => {
        $(#[$attr])*
        #[doc = $about]
        #[allow(non_camel_case_types, dead_code, unreachable_pub)]
        $($vis)* enum $name {}

        $(#[$attr])*
        #[allow(dead_code, unreachable_pub)]
        impl $name {
            $($entry)*

            /// Returns the handle of all entries of the function.
            #[inline]
            $($vis)* fn cache() -> $crate::FunctionCache {
                $crate::__site! { $($site)* }
            }

            $crate::__force_update! {
                $kind [$($vis)*] $generics $arguments [$($returns)*] $bounds [$($call)*]
            }

            $crate::__clear! { $kind [$($vis)*] }

            /// Returns what was counted since the function was first called.
            $($vis)* fn stats() -> $crate::Stats {
                Self::cache().stats()
            }

            $crate::__memoized! {
                $generics $parameters $returned $bounds $instance $names $plan
            }
        }
    };
}

/// The functions beside a method that may belong to a trait. A trait has to be `dyn` with them.
///
/// The bound is for any lifetime, because the compiler then accepts it in the `impl` of a type without a
/// known size as well. The name that the macro has in `private` says what to write in the `impl` of a
/// trait, where there is no room for them.
#[doc(hidden)]
#[macro_export]
macro_rules! __siblings {
    (
        $(#[$attr:meta])* [$about:literal] $cache:ident [$($site:tt)*]
        entry { $(#[$of_entry:meta])* fn $($entry:tt)* }
    ) => {
        $(#[$attr])*
        #[doc = $about]
        #[allow(dead_code, unused_lifetimes)]
        fn $cache() -> $crate::FunctionCache
        where
            for<'__cached> Self: $crate::private::core::marker::Sized,
        {
            $crate::__sibling_site! { $($site)* }
        }

        $(#[$attr])*
        $(#[$of_entry])*
        fn $($entry)*
    };
}

/// Computing whatever is stored, as the function does things.
#[doc(hidden)]
#[macro_export]
macro_rules! __force_update {
    (
        async [$($vis:tt)*]
        [$($generics:tt)*] ($($arguments:tt)*) [$($returns:tt)*] [$($bounds:tt)*] [$($call:tt)*]
    ) => {
        /// Computes, writes every layer, and returns as the function does.
        #[allow(single_use_lifetimes, unused_lifetimes, deprecated, clippy::all, clippy::pedantic)]
        $($vis)* async fn force_update $($generics)* ($($arguments)*) -> $($returns)*
        $($bounds)*
        {
            $crate::ForceUpdate::force_update($($call)*).await
        }
    };
    (
        blocking [$($vis:tt)*]
        [$($generics:tt)*] ($($arguments:tt)*) [$($returns:tt)*] [$($bounds:tt)*] [$($call:tt)*]
    ) => {
        /// Computes, writes every layer, and returns as the function does.
        #[allow(single_use_lifetimes, unused_lifetimes, deprecated, clippy::all, clippy::pedantic)]
        $($vis)* fn force_update $($generics)* ($($arguments)*) -> $($returns)*
        $($bounds)*
        {
            $crate::force_update(move || $($call)*)
        }
    };
}

/// Removing all entries, as the function does things.
#[doc(hidden)]
#[macro_export]
macro_rules! __clear {
    (async [$($vis:tt)*]) => {
        /// Removes all entries of the function, of this version, from every layer.
        ///
        /// # Errors
        ///
        /// Fails if a store did not answer: it may then still have some of them.
        $($vis)* async fn clear() -> $crate::private::core::result::Result<(), $crate::Error> {
            Self::cache().clear().await
        }
    };
    (blocking [$($vis:tt)*]) => {
        /// Removes all entries of the function, of this version, from every layer.
        ///
        /// # Errors
        ///
        /// Fails if a store did not answer: it may then still have some of them.
        $($vis)* fn clear() -> $crate::private::core::result::Result<(), $crate::Error> {
            Self::cache().clear_blocking()
        }
    };
}

/// Where the function is, and what the attribute says about values, which is apart so that the
/// compiler complains of a type in one place.
#[doc(hidden)]
#[macro_export]
macro_rules! __memoized {
    (
        [$($generics:tt)*] [$($parameters:tt)*] [$($returned:tt)*] [$($bounds:tt)*]
        [$($instance:tt)*] [$($names:tt)*] [$($plan:tt)*]
    ) => {
        #[doc(hidden)]
        #[allow(dead_code, single_use_lifetimes, unused_lifetimes, clippy::all, clippy::pedantic)]
        #[inline]
        fn __cached $($generics)* ($($parameters)*) -> $crate::private::Memoized<$($returned)*>
        $($bounds)*
        {
            Self::cache().with($($instance)*, Self::__cached_plan $($names)* ())
        }

        #[doc(hidden)]
        #[allow(dead_code, single_use_lifetimes, unused_lifetimes, clippy::all, clippy::pedantic)]
        #[inline]
        fn __cached_plan $($generics)* () -> $($returned)* $($bounds)* {
            #[allow(unused_imports)]
            use $crate::private::probing::*;
            $($plan)*
        }
    };
}

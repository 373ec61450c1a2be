fn add(a: u64, b: &str) -> u64 {
    add::__cached_call(false, a, b)
}
///The cache of the function `add`.
#[allow(non_camel_case_types, dead_code, unreachable_pub)]
enum add {}
#[allow(dead_code, single_use_lifetimes, unreachable_pub, clippy::all, clippy::pedantic)]
impl add {
    /// Computes whatever is stored, writes the result to every layer, and returns as the
    /// function does.
    fn force_update(a: u64, b: &str) -> u64 {
        Self::__cached_call(true, a, b)
    }
    /// Returns the handle of one entry.
    fn entry(a: u64, b: &str) -> ::cached_kit::__private::BlockingEntry<u64> {
        #[allow(unused_imports)]
        use ::cached_kit::__private::{PlaceOwned as _, ProbeText as _, ProbeTyped as _};
        let __cached_0 = &a;
        let __cached_1 = b;
        let __cached_key = (
            ::cached_kit::__private::Probe(__cached_0).memory_part(),
            (::cached_kit::__private::Probe(__cached_1).memory_part(), ()),
        );
        Self::__cached_site().blocking_entry(Self::__cached_plan(), __cached_key)
    }
    /// Removes all entries of the function, of this version, from every layer.
    ///
    /// # Errors
    ///
    /// Fails if a store did not answer: it may then still have some of them.
    fn clear() -> ::core::result::Result<(), ::cached_kit::__private::Error> {
        Self::__cached_site().clear_blocking()
    }
    /// Returns what was counted since the function was first called.
    fn stats() -> ::cached_kit::__private::Stats {
        Self::__cached_site().stats()
    }
}
impl add {
    #[inline]
    fn __cached_site() -> &'static ::cached_kit::__private::Site {
        static __CACHED_SITE: ::cached_kit::__private::Site = ::cached_kit::__private::Site::new(::cached_kit::__private::SiteSpec {
            name: ::core::concat!(::core::module_path!(), "::", "add"),
            version: ::core::option::Option::None,
            key: ::cached_kit::__private::KeyText::Labelled(&["a", "b"]),
            memory: ::core::option::Option::Some(
                ::cached_kit::__private::MemorySpec::DEFAULT,
            ),
            stores: &[],
            file: ::core::file!(),
            line: ::core::line!(),
        });
        ::cached_kit::__private::inventory::submit! {
            ::cached_kit::__private::Registration(& __CACHED_SITE)
        }
        &__CACHED_SITE
    }
    fn __cached_plan() -> impl ::cached_kit::__private::PlanFor<u64> {
        #[allow(unused_imports)]
        use ::cached_kit::__private::{ShapeFallible as _, ShapePlain as _};
        ::cached_kit::__private::in_memory::<
            u64,
            _,
        >(::cached_kit::__private::ShapeProbe::<u64>::new().shape())
            .ruled_by(|__cached_rules| {
                __cached_rules.layer(::cached_kit::__private::Lifetime::store_default())
            })
    }
    #[allow(single_use_lifetimes, clippy::all, clippy::pedantic)]
    #[inline]
    fn __cached_call(__cached_force: ::core::primitive::bool, a: u64, b: &str) -> u64 {
        let __cached_call = {
            #[allow(unused_imports)]
            use ::cached_kit::__private::{
                PlaceOwned as _, ProbeText as _, ProbeTyped as _,
            };
            let __cached_0 = &a;
            let __cached_1 = b;
            let __cached_key = (
                ::cached_kit::__private::Probe(__cached_0).memory_part(),
                (::cached_kit::__private::Probe(__cached_1).memory_part(), ()),
            );
            Self::__cached_site()
                .call(Self::__cached_plan(), __cached_key, __cached_force)
        };
        __cached_call.run_blocking(move || Self::__cached_body(a, b))
    }
    #[allow(clippy::too_many_arguments)]
    fn __cached_body(a: u64, b: &str) -> u64 {
        a + b.len() as u64
    }
}

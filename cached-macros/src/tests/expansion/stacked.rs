/// Gets it.
#[must_use]
#[allow(unused)]
#[allow(single_use_lifetimes, clippy::needless_lifetimes)]
pub(crate) async fn get<'a>(
    db: &'a Db,
    id: u64,
    name: &str,
    force_update: bool,
) -> Result<Option<User>, DbError> {
    get::__cached_call(force_update, db, id, name, force_update).await
}
///The cache of the function `get`.
#[allow(non_camel_case_types, dead_code, unreachable_pub)]
pub(crate) enum get {}
#[allow(dead_code, single_use_lifetimes, unreachable_pub, clippy::all, clippy::pedantic)]
impl get {
    /// Computes whatever is stored, writes the result to every layer, and returns as the
    /// function does.
    pub(crate) async fn force_update<'a>(
        db: &'a Db,
        id: u64,
        name: &str,
    ) -> Result<Option<User>, DbError> {
        Self::__cached_call(true, db, id, name, true).await
    }
    /// Returns the handle of one entry.
    pub(crate) fn entry<'a>(
        id: u64,
        name: &str,
    ) -> ::cached_kit::__private::Entry<Result<Option<User>, DbError>> {
        #[allow(unused_imports)]
        use ::cached_kit::__private::{PlaceOwned as _, ProbeText as _, ProbeTyped as _};
        let __cached_0 = &id;
        let __cached_1 = &(name.to_lowercase());
        let __cached_1 = ::cached_kit::__private::Place(__cached_1).value();
        let __cached_key = (
            ::cached_kit::__private::Probe(__cached_0).shared_part(),
            (::cached_kit::__private::Probe(__cached_1).shared_part(), ()),
        );
        Self::__cached_site().entry(Self::__cached_plan(), __cached_key)
    }
    /// Removes all entries of the function, of this version, from every layer.
    ///
    /// # Errors
    ///
    /// Fails if a store did not answer: it may then still have some of them.
    pub(crate) async fn clear() -> ::core::result::Result<
        (),
        ::cached_kit::__private::Error,
    > {
        Self::__cached_site().clear().await
    }
    /// Returns what was counted since the function was first called.
    pub(crate) fn stats() -> ::cached_kit::__private::Stats {
        Self::__cached_site().stats()
    }
}
impl get {
    #[inline]
    fn __cached_site() -> &'static ::cached_kit::__private::Site {
        static __CACHED_SITE: ::cached_kit::__private::Site = ::cached_kit::__private::Site::new(::cached_kit::__private::SiteSpec {
            name: ::core::concat!(::core::module_path!(), "::", "get"),
            version: ::core::option::Option::Some(2u32),
            key: ::cached_kit::__private::KeyText::Labelled(&["id", "1"]),
            memory: ::core::option::Option::Some(
                ::cached_kit::__private::MemorySpec::DEFAULT,
            ),
            stores: &["near", "redis"],
            file: ::core::file!(),
            line: ::core::line!(),
        });
        ::cached_kit::__private::inventory::submit! {
            ::cached_kit::__private::Registration(& __CACHED_SITE)
        }
        &__CACHED_SITE
    }
    fn __cached_plan() -> impl ::cached_kit::__private::PlanFor<
        Result<Option<User>, DbError>,
    > {
        #[allow(unused_imports)]
        use ::cached_kit::__private::{ShapeFallible as _, ShapePlain as _};
        ::cached_kit::__private::in_both::<
            Result<Option<User>, DbError>,
            _,
        >(
                ::cached_kit::__private::ShapeProbe::<
                    Result<Option<User>, DbError>,
                >::new()
                    .shape(),
            )
            .ruled_by(|__cached_rules| {
                __cached_rules
                    .layer(
                        ::cached_kit::__private::Lifetime::fixed(
                            ::core::time::Duration::new(60u64, 0u32),
                        ),
                    )
                    .layer(
                        ::cached_kit::__private::Lifetime::fixed(
                                ::core::time::Duration::new(3600u64, 0u32),
                            )
                            .none_skipped(),
                    )
                    .layer(
                        ::cached_kit::__private::Lifetime::fixed(
                                ::core::time::Duration::new(3600u64, 0u32),
                            )
                            .none_skipped(),
                    )
                    .when(|user| user.done)
                    .is_none(::cached_kit::__private::is_none)
            })
    }
    #[allow(single_use_lifetimes, clippy::all, clippy::pedantic)]
    #[inline]
    fn __cached_call<'a>(
        __cached_force: ::core::primitive::bool,
        db: &'a Db,
        id: u64,
        name: &str,
        force_update: bool,
    ) -> impl ::core::future::Future<Output = Result<Option<User>, DbError>> {
        let __cached_call = {
            #[allow(unused_imports)]
            use ::cached_kit::__private::{
                PlaceOwned as _, ProbeText as _, ProbeTyped as _,
            };
            let __cached_0 = &id;
            let __cached_1 = &(name.to_lowercase());
            let __cached_1 = ::cached_kit::__private::Place(__cached_1).value();
            let __cached_key = (
                ::cached_kit::__private::Probe(__cached_0).shared_part(),
                (::cached_kit::__private::Probe(__cached_1).shared_part(), ()),
            );
            Self::__cached_site()
                .call(Self::__cached_plan(), __cached_key, __cached_force)
        };
        __cached_call.run(Self::__cached_body(db, id, name, force_update))
    }
    #[allow(unused)]
    #[allow(clippy::too_many_arguments)]
    async fn __cached_body<'a>(
        db: &'a Db,
        id: u64,
        name: &str,
        force_update: bool,
    ) -> Result<Option<User>, DbError> {
        db.load(id).await
    }
}

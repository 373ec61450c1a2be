/// Gets it.
#[cfg(unix)]
pub async fn get<'a, T: Load>(
    &'a self,
    key: &str,
    __cached_arg_2: Point,
) -> Result<T, Error>
where
    T: Clone,
{
    #[allow(clippy::all, clippy::pedantic)]
    let __cached_call = {
        use ::cached_kit::__private::probing::*;
        let __cached_held = ::cached_kit::__private::held();
        #[allow(unused_variables)]
        let Point { x, .. } = &__cached_arg_2;
        let __cached_0 = &(self.id);
        let __cached_0 = ::cached_kit::__private::Place(__cached_0).value();
        let __cached_2 = &(x + 1);
        let __cached_2 = ::cached_kit::__private::Place(__cached_2).value();
        ::cached_kit::__private::core::mem::drop(__cached_held);
        Self::get_cache()
            .with(
                ::cached_kit::__private::Instance::of((
                    ::cached_kit::__private::core::marker::PhantomData::<Self>,
                    (::cached_kit::__private::core::marker::PhantomData::<T>, ()),
                )),
                ::cached_kit::__private::in_memory::<
                    Result<T, Error>,
                    _,
                >(::cached_kit::__private::ShapeProbe::<Result<T, Error>>::new().shape())
                    .ruled_by(|__cached_rules| {
                        __cached_rules
                            .layer(
                                ::cached_kit::__private::Lifetime::fixed(
                                    ::core::time::Duration::new(300u64, 0u32),
                                ),
                            )
                    }),
            )
            .call((
                ::cached_kit::__private::Probe(__cached_0).memory_part(),
                (
                    ::cached_kit::__private::Probe(key).memory_part(),
                    (::cached_kit::__private::Probe(__cached_2).memory_part(), ()),
                ),
            ))
    };
    __cached_call
        .run(async move {
            ::cached_kit::__private::returns!(Result < T, Error >);
            let Point { mut x, .. } = __cached_arg_2;
            '__cached_body: { self.load(key, x).await }
        })
        .await
}
#[cfg(unix)]
///Returns the handle of all entries of `get`.
#[allow(dead_code, unreachable_pub)]
#[inline]
pub fn get_cache() -> ::cached_kit::__private::FunctionCache {
    ::cached_kit::__private::site! {
        [::core::concat!(::core::module_path!(), "::", "get")] [].types(& ["Self", "T"])
        .labels(& ["self.id", "key", "2"])
    }
}
#[cfg(unix)]
/// Returns the handle of one entry.
#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
#[allow(single_use_lifetimes, unused_lifetimes)]
pub fn get_entry<'a, T: Load>(
    &'a self,
    key: &str,
    __cached_arg_2: Point,
) -> ::cached_kit::__private::Entry<Result<T, Error>>
where
    T: Clone,
{
    use ::cached_kit::__private::probing::*;
    #[allow(unused_variables)]
    let Point { x, .. } = &__cached_arg_2;
    let __cached_0 = &(self.id);
    let __cached_0 = ::cached_kit::__private::Place(__cached_0).value();
    let __cached_2 = &(x + 1);
    let __cached_2 = ::cached_kit::__private::Place(__cached_2).value();
    Self::get_cache()
        .with(
            ::cached_kit::__private::Instance::of((
                ::cached_kit::__private::core::marker::PhantomData::<Self>,
                (::cached_kit::__private::core::marker::PhantomData::<T>, ()),
            )),
            ::cached_kit::__private::in_memory::<
                Result<T, Error>,
                _,
            >(::cached_kit::__private::ShapeProbe::<Result<T, Error>>::new().shape())
                .ruled_by(|__cached_rules| {
                    __cached_rules
                        .layer(
                            ::cached_kit::__private::Lifetime::fixed(
                                ::core::time::Duration::new(300u64, 0u32),
                            ),
                        )
                }),
        )
        .entry((
            ::cached_kit::__private::Probe(__cached_0).memory_part(),
            (
                ::cached_kit::__private::Probe(key).memory_part(),
                (::cached_kit::__private::Probe(__cached_2).memory_part(), ()),
            ),
        ))
}

fn get<T: Load, const N: usize>(db: &impl Db, key: impl CacheKey) -> [T; N] {
    use ::cached_kit::__private::probing::*;
    let __cached_call = get::__cached::<
        T,
        N,
    >(
            ::cached_kit::__private::Instance::of((
                ::cached_kit::__private::core::marker::PhantomData::<T>,
                (::cached_kit::__private::type_of(&key), ()),
            )),
        )
        .call((
            ::cached_kit::__private::Probe(&N).memory_part(),
            (::cached_kit::__private::Probe(&key).memory_part(), ()),
        ));
    __cached_call.run_blocking(move || -> [T; N] { db.load(key) })
}
::cached_kit::__private::use_companion_siblings_in_an_impl_or_companion_false! {
    ["The cache of the function `get`.\n\nNot part of the key: `db`."] [] blocking get;
    call(db : & impl Db, key : impl CacheKey) [[T; N]] [get(db, key)]
    site[[::core::concat!(::core::module_path!(), "::", "get")] [].version(3u64).types(&
    ["T", "impl key"]).labels(& ["N", "key"])] plan[< T : Load, const N : usize >]
    [__cached_instance : ::cached_kit::__private::Instance] [impl
    ::cached_kit::__private::PlanFor < [T; N] >] [] [__cached_instance] [:: < T, N >]
    [::cached_kit::__private::in_memory:: < [T; N], _ >
    (::cached_kit::__private::ShapeProbe:: < [T; N] > ::new().shape())]
}
/// Returns the handle of one entry.
#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
#[allow(single_use_lifetimes, unused_lifetimes)]
fn entry<T: Load, const N: usize>(
    key: impl CacheKey,
) -> ::cached_kit::__private::BlockingEntry<[T; N]> {
    use ::cached_kit::__private::probing::*;
    get::__cached::<
        T,
        N,
    >(
            ::cached_kit::__private::Instance::of((
                ::cached_kit::__private::core::marker::PhantomData::<T>,
                (::cached_kit::__private::type_of(&key), ()),
            )),
        )
        .blocking_entry((
            ::cached_kit::__private::Probe(&N).memory_part(),
            (::cached_kit::__private::Probe(&key).memory_part(), ()),
        ))
}

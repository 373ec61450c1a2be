fn f(id: u64) -> User {
    use ::cached_kit::__private::probing::*;
    let __cached_call = ::cached_kit::__private::site!(
        [::core::concat!(::core::module_path!(), "::", "f")] [].attribute(1u32).types(&
        ["Self"]).labels(& ["id"])
    )
        .with(
            ::cached_kit::__private::Instance::of((
                ::cached_kit::__private::core::marker::PhantomData::<Self>,
                (),
            )),
            ::cached_kit::__private::in_memory::<
                User,
                _,
            >(::cached_kit::__private::ShapeProbe::<User>::new().shape()),
        )
        .call((::cached_kit::__private::Probe(&id).memory_part(), ()));
    __cached_call.run_blocking(move || -> User { load(id) })
}
::cached_kit::__private::use_companion_false_in_the_impl_of_a_trait! {
    ["Returns the handle of all entries of `f`."]
    f_cache[[::core::concat!(::core::module_path!(), "::", "f")] [].attribute(1u32)
    .types(& ["Self"]).labels(& ["id"])]
}
/// Returns the handle of one entry.
#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
fn f_entry(id: u64) -> ::cached_kit::__private::BlockingEntry<User> {
    use ::cached_kit::__private::probing::*;
    ::cached_kit::__private::sibling_site!(
        [::core::concat!(::core::module_path!(), "::", "f")] [].attribute(1u32).types(&
        ["Self"]).labels(& ["id"])
    )
        .with(
            ::cached_kit::__private::Instance::of((
                ::cached_kit::__private::core::marker::PhantomData::<Self>,
                (),
            )),
            ::cached_kit::__private::in_memory::<
                User,
                _,
            >(::cached_kit::__private::ShapeProbe::<User>::new().shape()),
        )
        .blocking_entry((::cached_kit::__private::Probe(&id).memory_part(), ()))
}

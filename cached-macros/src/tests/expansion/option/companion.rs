fn f(id: u64) -> User {
    use ::cached_kit::__private::probing::*;
    let __cached_call = Self::f_cache()
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
///Returns the handle of all entries of `f`.
#[allow(dead_code, unreachable_pub)]
#[inline]
fn f_cache() -> ::cached_kit::__private::FunctionCache {
    ::cached_kit::__private::site! {
        [::core::concat!(::core::module_path!(), "::", "f")] [].types(& ["Self"])
        .labels(& ["id"])
    }
}
/// Returns the handle of one entry.
#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
fn f_entry(id: u64) -> ::cached_kit::__private::BlockingEntry<User> {
    use ::cached_kit::__private::probing::*;
    Self::f_cache()
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

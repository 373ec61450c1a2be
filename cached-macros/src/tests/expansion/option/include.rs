fn f(user: &User, key: &str) -> u64 {
    #[allow(clippy::all, clippy::pedantic)]
    let __cached_call = {
        use ::cached_kit::__private::probing::*;
        let __cached_held = ::cached_kit::__private::held();
        let __cached_0 = &(user.id);
        let __cached_0 = ::cached_kit::__private::Place(__cached_0).value();
        let __cached_1 = &(key.len());
        let __cached_1 = ::cached_kit::__private::Place(__cached_1).value();
        ::cached_kit::__private::core::mem::drop(__cached_held);
        f::__cached()
            .call((
                ::cached_kit::__private::Probe(__cached_0).memory_part(),
                (::cached_kit::__private::Probe(__cached_1).memory_part(), ()),
            ))
    };
    __cached_call.run_blocking(move || -> u64 { 1 })
}
::cached_kit::__private::use_companion_siblings_in_an_impl_or_companion_false! {
    ["The cache of the function `f`."] [] blocking f; call(user : & User, key : & str)
    [u64] [f(user, key)] site[[::core::concat!(::core::module_path!(), "::", "f")] []
    .labels(& ["user.id", "1"])] plan[] [] [impl ::cached_kit::__private::PlanFor < u64
    >] [] [::cached_kit::__private::Instance::only()] []
    [::cached_kit::__private::in_memory:: < u64, _ >
    (::cached_kit::__private::ShapeProbe:: < u64 > ::new().shape())]
}
/// Returns the handle of one entry.
#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
fn entry(user: &User, key: &str) -> ::cached_kit::__private::BlockingEntry<u64> {
    use ::cached_kit::__private::probing::*;
    let __cached_0 = &(user.id);
    let __cached_0 = ::cached_kit::__private::Place(__cached_0).value();
    let __cached_1 = &(key.len());
    let __cached_1 = ::cached_kit::__private::Place(__cached_1).value();
    f::__cached()
        .blocking_entry((
            ::cached_kit::__private::Probe(__cached_0).memory_part(),
            (::cached_kit::__private::Probe(__cached_1).memory_part(), ()),
        ))
}

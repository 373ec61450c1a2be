fn f(ids: &[u64]) -> Vec<u64> {
    #[allow(clippy::all, clippy::pedantic)]
    let __cached_call = {
        use ::cached_kit::__private::probing::*;
        f::__cached()
            .batch(
                ::cached_kit::__private::ShapeProbe::<Vec<u64>>::new().shape(),
                ::cached_kit::__private::AbsentForgotten,
                &ids[..],
                false,
                |__cached_each| {
                    let id = __cached_each;
                    (::cached_kit::__private::Probe(id).memory_part(), ())
                },
            )
    };
    __cached_call
        .run_blocking(move |__cached_missing| -> Vec<u64> {
            #[allow(clippy::all, clippy::pedantic)]
            let ids = &__cached_missing[..];
            { '__cached_body: { ids.to_vec() } }
        })
}
::cached_kit::__private::use_companion_siblings_in_an_impl_or_companion_false! {
    ["The cache of the function `f`."] [] blocking f; call(ids : & [u64]) [Vec < u64 >]
    [f(ids)] site[[::core::concat!(::core::module_path!(), "::", "f")] [.each()].labels(&
    ["id"])] plan[] [] [impl ::cached_kit::__private::PlanFor < < Vec < u64 > as
    ::cached_kit::__private::EachReturn > ::Value >] []
    [::cached_kit::__private::Instance::only()] [] [::cached_kit::__private::in_memory::
    < < Vec < u64 > as ::cached_kit::__private::EachReturn > ::Value, _ >
    (::cached_kit::__private::ShapeProbe:: < < Vec < u64 > as
    ::cached_kit::__private::EachReturn > ::Value > ::new().shape())]
}
/// Returns the handle of one entry.
#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
fn entry(
    id: u64,
) -> ::cached_kit::__private::BlockingEntry<
    <Vec<u64> as ::cached_kit::__private::EachReturn>::Value,
> {
    use ::cached_kit::__private::probing::*;
    let id = &id;
    f::__cached().blocking_entry((::cached_kit::__private::Probe(id).memory_part(), ()))
}

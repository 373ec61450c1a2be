fn load(id: u64) -> Vec<u8> {
    use ::cached_kit::__private::probing::*;
    let __cached_call = load::__cached()
        .call((::cached_kit::__private::Probe(&id).memory_part(), ()));
    __cached_call.run_blocking(move || -> Vec<u8> { read(id) })
}
::cached_kit::__private::use_companion_siblings_in_an_impl_or_companion_false! {
    ["The cache of the function `load`."] [] blocking load; call(id : u64) [Vec < u8 >]
    [load(id)] site[[::core::concat!(::core::module_path!(), "::", "load")] [].labels(&
    ["id"])
    .memory(::core::option::Option::Some(::cached_kit::__private::MemorySpec::DEFAULT
    .bound(::cached_kit::__private::MemoryBound::bytes(67108864u64))
    .policy(::cached_kit::__private::EvictionPolicy::Lru)))] plan[] [] [impl
    ::cached_kit::__private::PlanFor < Vec < u8 > >] []
    [::cached_kit::__private::Instance::only()] [] [::cached_kit::__private::in_memory::
    < Vec < u8 >, _ > (::cached_kit::__private::ShapeProbe:: < Vec < u8 > > ::new()
    .shape()).ruled_by(| __cached_rules | { __cached_rules
    .layer(::cached_kit::__private::Lifetime::store_default()).weigh(| v | v.len())
    .priority(rank).on_removal(| v : & Vec < u8 >, cause | log(v, cause)) })]
}
/// Returns the handle of one entry.
#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
fn entry(id: u64) -> ::cached_kit::__private::BlockingEntry<Vec<u8>> {
    use ::cached_kit::__private::probing::*;
    load::__cached()
        .blocking_entry((::cached_kit::__private::Probe(&id).memory_part(), ()))
}

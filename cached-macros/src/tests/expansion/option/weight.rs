fn f(id: u64) -> User {
    use ::cached_kit::__private::probing::*;
    let __cached_call = f::__cached()
        .call((::cached_kit::__private::Probe(&id).memory_part(), ()));
    __cached_call.run_blocking(move || -> User { load(id) })
}
::cached_kit::__private::use_companion_siblings_in_an_impl_or_companion_false! {
    ["The cache of the function `f`."] [] blocking f; call(id : u64) [User] [f(id)]
    site[[::core::concat!(::core::module_path!(), "::", "f")] [].labels(& ["id"])
    .memory(::core::option::Option::Some(::cached_kit::__private::MemorySpec::DEFAULT
    .bound(::cached_kit::__private::MemoryBound::bytes(LIMIT))))] plan[] [] [impl
    ::cached_kit::__private::PlanFor < User >] []
    [::cached_kit::__private::Instance::only()] [] [::cached_kit::__private::in_memory::
    < User, _ > (::cached_kit::__private::ShapeProbe:: < User > ::new().shape())
    .ruled_by(| __cached_rules | { __cached_rules
    .layer(::cached_kit::__private::Lifetime::store_default()).weigh(| v | 8) })]
}
/// Returns the handle of one entry.
#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
fn entry(id: u64) -> ::cached_kit::__private::BlockingEntry<User> {
    use ::cached_kit::__private::probing::*;
    f::__cached().blocking_entry((::cached_kit::__private::Probe(&id).memory_part(), ()))
}

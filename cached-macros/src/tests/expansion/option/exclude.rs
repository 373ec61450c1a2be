fn f(db: &Db, id: u64) -> u64 {
    use ::cached_kit::__private::probing::*;
    let __cached_call = f::__cached()
        .call((::cached_kit::__private::Probe(&id).memory_part(), ()));
    __cached_call.run_blocking(move || -> u64 { 1 })
}
::cached_kit::__private::use_companion_siblings_in_an_impl_or_companion_false! {
    ["The cache of the function `f`.\n\nNot part of the key: `db`."] [] blocking f;
    call(db : & Db, id : u64) [u64] [f(db, id)]
    site[[::core::concat!(::core::module_path!(), "::", "f")] [].labels(& ["id"])] plan[]
    [] [impl ::cached_kit::__private::PlanFor < u64 >] []
    [::cached_kit::__private::Instance::only()] [] [::cached_kit::__private::in_memory::
    < u64, _ > (::cached_kit::__private::ShapeProbe:: < u64 > ::new().shape())]
}
/// Returns the handle of one entry.
#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
fn entry(id: u64) -> ::cached_kit::__private::BlockingEntry<u64> {
    use ::cached_kit::__private::probing::*;
    f::__cached().blocking_entry((::cached_kit::__private::Probe(&id).memory_part(), ()))
}

fn f(id: u64) -> User {
    #[allow(unused_imports)]
    use crate::kit::__private::probing::*;
    let __cached_call = crate::kit::__private::same!(f::__cached())
        .call((crate::kit::__private::Probe(&id).memory_part(), ()));
    __cached_call.run_blocking(move || -> User { load(id) })
}
crate::kit::__private::use_companion_siblings_in_an_impl_or_companion_false! {
    ["The cache of the function `f`."] [] blocking f; call(id : u64) [User] [f(id)]
    site[[::core::concat!(::core::module_path!(), "::", "f")] [].labels(& ["id"])] plan[]
    [] [impl crate ::kit::__private::PlanFor < User >] [] [crate
    ::kit::__private::Instance::only()] [] [crate ::kit::__private::in_memory:: < User, _
    > (crate ::kit::__private::ShapeProbe:: < User > ::new().shape())]
}
/// Returns the handle of one entry.
#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
fn entry(id: u64) -> crate::kit::__private::BlockingEntry<User> {
    #[allow(unused_imports)]
    use crate::kit::__private::probing::*;
    crate::kit::__private::same!(f::__cached())
        .blocking_entry((crate::kit::__private::Probe(&id).memory_part(), ()))
}

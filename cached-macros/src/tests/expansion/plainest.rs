fn double(x: u32) -> u32 {
    use ::cached_kit::__private::probing::*;
    let __cached_call = double::__cached()
        .call((::cached_kit::__private::Probe(&x).memory_part(), ()));
    __cached_call.run_blocking(move || -> u32 { x * 2 })
}
::cached_kit::__private::use_companion_siblings_in_an_impl_or_companion_false! {
    ["The cache of the function `double`."] [] blocking double; call(x : u32) [u32]
    [double(x)] site[[::core::concat!(::core::module_path!(), "::", "double")] []
    .labels(& ["x"])] plan[] [] [impl ::cached_kit::__private::PlanFor < u32 >] []
    [::cached_kit::__private::Instance::only()] [] [::cached_kit::__private::in_memory::
    < u32, _ > (::cached_kit::__private::ShapeProbe:: < u32 > ::new().shape())]
}
/// Returns the handle of one entry.
#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
fn entry(x: u32) -> ::cached_kit::__private::BlockingEntry<u32> {
    use ::cached_kit::__private::probing::*;
    double::__cached()
        .blocking_entry((::cached_kit::__private::Probe(&x).memory_part(), ()))
}

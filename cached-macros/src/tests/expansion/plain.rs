fn add(a: u64, b: &str) -> u64 {
    use ::cached_kit::__private::probing::*;
    let __cached_call = add::__cached()
        .call((
            ::cached_kit::__private::Probe(&a).memory_part(),
            (::cached_kit::__private::Probe(b).memory_part(), ()),
        ));
    __cached_call.run_blocking(move || -> u64 { a + b.len() as u64 })
}
::cached_kit::__private::use_companion_siblings_in_an_impl_or_companion_false! {
    ["The cache of the function `add`."] [] blocking add; call(a : u64, b : & str) [u64]
    [add(a, b)] site[[::core::concat!(::core::module_path!(), "::", "add")] [].labels(&
    ["a", "b"])] plan[] [] [impl ::cached_kit::__private::PlanFor < u64 >] []
    [::cached_kit::__private::Instance::only()] [] [::cached_kit::__private::in_memory::
    < u64, _ > (::cached_kit::__private::ShapeProbe:: < u64 > ::new().shape())]
}
/// Returns the handle of one entry.
#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
fn entry(a: u64, b: &str) -> ::cached_kit::__private::BlockingEntry<u64> {
    use ::cached_kit::__private::probing::*;
    add::__cached()
        .blocking_entry((
            ::cached_kit::__private::Probe(&a).memory_part(),
            (::cached_kit::__private::Probe(b).memory_part(), ()),
        ))
}

//! The compiler decides what is conditional before the attribute sees the function.
#![deny(warnings)]

use cached_kit::cached;

#[cached]
#[cfg(any())]
fn gone(id: u64) -> Missing {
    id
}

#[cfg(any())]
#[cached]
fn gone(id: u64) -> Missing {
    id
}

#[cached]
#[cfg(test)]
#[cfg_attr(test, cached(using = "far"))]
#[cfg_attr(any(), cached(using = "nowhere"))]
fn here(id: u64) -> u64 {
    id
}

#[cfg_attr(test, cached(timeout = 5))]
fn maybe(id: u64) -> u64 {
    id
}

#[test]
fn what_is_conditional_is_decided_before() {
    crate::fixture::set_up();
    assert_eq!(here(1), 1);
    let layers: Vec<_> = here::stats().layers.into_iter().map(|layer| layer.store).collect();
    assert_eq!(layers, ["memory", "far"]);
    assert_eq!(maybe(1), 1);
    assert_eq!(maybe::stats().computed, 1);
}

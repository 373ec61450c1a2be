//! Stores used by hand: one suite of tests, run over each kind of store.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this is a test, also the functions that the tests share"
)]

mod fixture;
mod objects;
mod options;
mod suite;
mod touching;
mod wiring;

#[cfg(feature = "redis")]
mod redis;

use std::time::Duration;

use cached_testing::hard_timeout;
use fixture::Fixture;

/// Runs one test of the suite against stores of its own.
fn run<F>(name: &str, make: fn() -> Fixture, test: F)
where
    F: AsyncFnOnce(&Fixture) + Send + 'static,
{
    hard_timeout(Duration::from_secs(60), name, move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(test(&make()));
    });
}

/// Makes a module of tests for each kind of store.
macro_rules! for_each_store {
    ($($part:ident: $($name:ident)*;)*) => {
        for_each_store!(@store memory $($($part $name)*)*);
        for_each_store!(@store named $($($part $name)*)*);
        for_each_store!(@store json $($($part $name)*)*);
        for_each_store!(@store own $($($part $name)*)*);
        for_each_store!(@store one_shard $($($part $name)*)*);
        #[cfg(feature = "redis")]
        for_each_store!(@store over_redis $($($part $name)*)*);
    };
    (@store $store:ident $($part:ident $name:ident)*) => {
        mod $store {
            use super::*;
            $(
                #[test]
                fn $name() {
                    run(stringify!($name), Fixture::$store, suite::$part::$name);
                }
            )*
        }
    };
}

for_each_store! {
    entries:
        values_come_back_as_they_were
        keys_may_be_any_text_and_scan_finds_them
        versions_have_entries_of_their_own
        many_entries_keep_their_order
        bug_25_all_reads_agree_after_every_change
        clear_removes_everything_of_its_own_store_and_nothing_else
        a_closed_store_says_so
        blocking_methods_do_what_the_async_ones_do;
    values:
        values_of_every_shape_are_found_and_not_computed_again
        nothing_is_told_from_nothing;
    lifetimes:
        entries_live_as_long_as_the_handle_says
        touch_gives_an_entry_a_new_life
        a_counter_keeps_its_lifetime
        a_timeout_of_zero_is_refused;
    counters:
        integers_count_up_and_down
        what_is_not_an_integer_is_refused_and_stays
        a_sum_outside_of_the_range_is_refused_and_changes_nothing
        no_increment_is_lost_between_threads
        no_increment_is_lost_between_tasks;
    computing:
        what_was_computed_is_found
        calls_that_come_together_compute_once
        threads_and_tasks_compute_once
        bug_20_a_result_that_a_change_overtook_is_not_stored
        a_failure_is_returned_and_not_stored
        a_value_of_another_type_is_an_error_to_get_and_is_computed_anew
        a_value_without_bytes_is_an_error_to_set_and_not_to_compute
        futures_can_be_spawned;
}

/// The same over the stores whose bytes a test can reach: those with a name.
mod below {
    use super::*;

    for_each_store!(@store named foreign bytes_of_others_are_no_value);
    for_each_store!(@store json foreign bytes_of_others_are_no_value);
    for_each_store!(@store own foreign bytes_of_others_are_no_value);
    #[cfg(feature = "redis")]
    for_each_store!(@store over_redis foreign bytes_of_others_are_no_value);
}

//! A named check, and the list of all.

use std::any::Any;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use super::context::CheckContext;
use super::failure::{Fault, Outcome};
use super::{
    Failure, StoreFactory, callers, closing, counters, deleting, dropped, expiry, keys, lifetimes,
    many, mixed, scopes, sharing, values,
};
use cached_core::block_on;

type Running<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// A named check of something that every store must do.
#[derive(Clone, Copy)]
pub struct Check {
    name: &'static str,
    run: for<'a> fn(&'a CheckContext<'a>) -> Running<'a>,
}

impl Check {
    /// Returns the name, which is what the check demands.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Checks on the calling thread, as code that is not async uses a store.
    ///
    /// # Errors
    ///
    /// Fails with what was expected of the store and what was found.
    pub fn run(&self, factory: &dyn StoreFactory) -> Result<(), Failure> {
        block_on(self.run_async(factory))
    }

    /// Checks on the executor that polls the future.
    ///
    /// # Errors
    ///
    /// Fails with what was expected of the store and what was found.
    pub async fn run_async(&self, factory: &dyn StoreFactory) -> Result<(), Failure> {
        let context = CheckContext::new(factory, self.name);
        let outcome = caught((self.run)(&context)).await;
        context.clean().await;
        outcome.map_err(|fault| Failure::new(self.name, factory.name(), fault))
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Check").field(&self.name).finish()
    }
}

/// Turns a panic of the store into a fault of this check, so that the other checks still run.
async fn caught(mut running: Running<'_>) -> Outcome {
    poll_fn(move |cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(cx)));
        polled.unwrap_or_else(|panic| {
            Poll::Ready(Err(Fault::new(format!("it panicked: {}", message(&*panic)))))
        })
    })
    .await
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no message)")
}

macro_rules! all {
    ($($module:ident: $($name:ident)*;)*) => {
        pub(super) static ALL: &[Check] = &[
            $($(Check { name: stringify!($name), run: |context| Box::pin($module::$name(context)) },)*)*
        ];
    };
}

all! {
    values:
        a_value_comes_back_as_it_was_written
        an_empty_value_is_not_absent
        every_byte_comes_back
        a_value_of_a_mebibyte_comes_back;
    keys:
        keys_of_all_characters_are_apart
        long_keys_are_apart;
    deleting:
        delete_removes_and_counts_what_was_there;
    lifetimes:
        ttl_tells_absent_from_limited_from_for_ever
        every_write_sets_the_lifetime
        incr_keeps_the_lifetime_of_what_is_there
        touch_changes_the_lifetime_and_nothing_else
        no_lifetime_is_too_short_or_too_long;
    expiry:
        entries_leave_when_their_time_is_over
        an_old_lifetime_does_not_end_a_new_one;
    counters:
        integers_count_up_and_down
        a_value_that_is_no_integer_is_refused_and_stays
        a_sum_out_of_range_is_refused_and_changes_nothing
        no_increment_is_lost;
    many:
        many_entries_are_read_in_the_order_of_the_keys
        many_entries_are_written_with_one_lifetime
        thousands_of_entries_at_once;
    scopes:
        a_scan_lists_each_key_once
        a_scope_ends_where_a_name_does
        clear_touches_no_other_prefix
        clear_leaves_nothing_of_what_was_written
        an_empty_store_can_be_cleared_twice;
    sharing:
        stores_of_one_prefix_share_or_do_not;
    mixed:
        no_call_gets_a_value_of_another_key;
    dropped:
        calls_that_were_dropped_disturb_no_later_ones;
    callers:
        blocking_and_async_callers_see_the_same;
    closing:
        a_closed_store_refuses_everything_or_goes_on
        bounds_are_sane;
}

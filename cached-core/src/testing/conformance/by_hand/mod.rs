//! A store under the handle that people use, with each codec.
//!
//! Keys and entries look as `docs/wire-format.md` says.

mod computing;
mod counting;
mod foreign;
mod hand;
mod handles;
mod spoken;
mod values;

pub(super) use computing::{by_hand_computes_once, by_hand_failures_are_not_stored};
pub(super) use counting::{
    by_hand_integers_count_up_and_down, by_hand_lifetimes_are_those_of_the_handle,
};
pub(super) use foreign::by_hand_bytes_of_others_are_no_value;
use hand::Hand;
pub(super) use handles::{
    by_hand_blocking_handles_do_the_same, by_hand_clear_removes_all_versions,
    by_hand_keys_may_be_any_text, by_hand_versions_are_apart,
};
pub(super) use values::{
    by_hand_many_entries_at_once, by_hand_nothing_is_told_from_nothing,
    by_hand_values_come_back_as_they_were,
};

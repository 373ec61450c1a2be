//! What stores can do wrong, and the checks that must notice.

/// One thing that a store does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    None,
    // Values.
    LosesWrites,
    IgnoresOverwrites,
    EmptyIsAbsent,
    TextOnly,
    CutsValues,
    TearsWrites,
    // Keys.
    FoldsCase,
    CutsKeys,
    IgnoresVersions,
    // Lifetimes.
    SetForgetsTimeout,
    OverwriteKeepsTimeout,
    SetManyForgetsTimeout,
    IncrForgetsTimeout,
    IncrRenewsTimeout,
    TouchCreates,
    TouchCannotPersist,
    ShortIsForEver,
    LongIsShort,
    ExpiresLate,
    ExpiresEarly,
    AbsentLivesForEver,
    // Counters.
    IncrWraps,
    IncrTakesAnything,
    IncrIsNotOneStep,
    CountsInFloats,
    // Many entries.
    EmptyListFails,
    DeleteCountsWhatWasAsked,
    ManySkipsAbsent,
    ManyIsSorted,
    ManyIsCut,
    // Scopes.
    ScanRepeats,
    ScopeIsJustText,
    PrefixHasNoEnd,
    ClearStopsEarly,
    ClearKeepsVersions,
    EmptyClearFails,
    // Callers.
    RepliesShift,
    RequestsMixUp,
    CannotBlock,
    Hangs,
    Panics,
    // The end.
    SharesNothing,
    CloseIsForAll,
    AnswersWhenClosed,
    ClosesOnce,
    HasNoBound,
}

pub(super) const FLAWS: &[(Flaw, &[&str])] = &[
    (
        Flaw::LosesWrites,
        &[
            "a_value_comes_back_as_it_was_written",
            "by_hand_nothing_is_told_from_nothing",
            "by_hand_computes_once",
            "by_hand_failures_are_not_stored",
        ],
    ),
    (
        Flaw::IgnoresOverwrites,
        &["a_value_comes_back_as_it_was_written", "by_hand_bytes_of_others_are_no_value"],
    ),
    (Flaw::EmptyIsAbsent, &["an_empty_value_is_not_absent"]),
    (Flaw::TextOnly, &["every_byte_comes_back", "by_hand_values_come_back_as_they_were"]),
    (Flaw::CutsValues, &["a_value_of_a_mebibyte_comes_back"]),
    (Flaw::TearsWrites, &["calls_that_were_dropped_disturb_no_later_ones"]),
    (Flaw::FoldsCase, &["keys_of_all_characters_are_apart", "by_hand_keys_may_be_any_text"]),
    (Flaw::CutsKeys, &["long_keys_are_apart", "by_hand_keys_may_be_any_text"]),
    (Flaw::IgnoresVersions, &["by_hand_versions_are_apart"]),
    (
        Flaw::SetForgetsTimeout,
        &[
            "ttl_tells_absent_from_limited_from_for_ever",
            "whatever_writes_sets_the_lifetime",
            "entries_leave_when_their_time_is_over",
            "by_hand_lifetimes_are_those_of_the_handle",
        ],
    ),
    (
        Flaw::OverwriteKeepsTimeout,
        &["whatever_writes_sets_the_lifetime", "an_old_lifetime_does_not_end_a_new_one"],
    ),
    (
        Flaw::SetManyForgetsTimeout,
        &["whatever_writes_sets_the_lifetime", "many_entries_are_written_with_one_lifetime"],
    ),
    (Flaw::IncrForgetsTimeout, &["whatever_writes_sets_the_lifetime"]),
    (Flaw::IncrRenewsTimeout, &["incr_keeps_the_lifetime_of_what_is_there"]),
    (Flaw::TouchCreates, &["touch_changes_the_lifetime_and_nothing_else"]),
    (Flaw::TouchCannotPersist, &["touch_changes_the_lifetime_and_nothing_else"]),
    (Flaw::ShortIsForEver, &["no_lifetime_is_too_short_or_too_long"]),
    (Flaw::LongIsShort, &["no_lifetime_is_too_short_or_too_long"]),
    (Flaw::ExpiresLate, &["entries_leave_when_their_time_is_over"]),
    (Flaw::ExpiresEarly, &["entries_leave_when_their_time_is_over"]),
    (Flaw::AbsentLivesForEver, &["ttl_tells_absent_from_limited_from_for_ever"]),
    (
        Flaw::IncrWraps,
        &[
            "a_sum_out_of_range_is_refused_and_changes_nothing",
            "by_hand_integers_count_up_and_down",
        ],
    ),
    (Flaw::IncrTakesAnything, &["what_is_no_integer_is_refused_and_stays"]),
    (Flaw::IncrIsNotOneStep, &["no_increment_is_lost"]),
    (Flaw::CountsInFloats, &["integers_count_up_and_down"]),
    (
        Flaw::EmptyListFails,
        &[
            "delete_removes_and_counts_what_was_there",
            "many_entries_are_read_in_the_order_of_the_keys",
            "by_hand_many_entries_at_once",
        ],
    ),
    (Flaw::DeleteCountsWhatWasAsked, &["delete_removes_and_counts_what_was_there"]),
    (Flaw::ManySkipsAbsent, &["many_entries_are_read_in_the_order_of_the_keys"]),
    (
        Flaw::ManyIsSorted,
        &["many_entries_are_read_in_the_order_of_the_keys", "by_hand_many_entries_at_once"],
    ),
    (Flaw::ManyIsCut, &["thousands_of_entries_at_once"]),
    (Flaw::ScanRepeats, &["a_scan_lists_each_key_once"]),
    (Flaw::ScopeIsJustText, &["a_scope_ends_where_a_name_does"]),
    (Flaw::PrefixHasNoEnd, &["clear_touches_no_other_prefix"]),
    (Flaw::ClearStopsEarly, &["clear_leaves_nothing_of_what_was_written"]),
    (Flaw::ClearKeepsVersions, &["by_hand_clear_removes_all_versions"]),
    (Flaw::EmptyClearFails, &["an_empty_store_can_be_cleared_twice"]),
    (Flaw::RepliesShift, &["calls_that_were_dropped_disturb_no_later_ones"]),
    (Flaw::RequestsMixUp, &["nobody_gets_a_value_of_another_key"]),
    (
        Flaw::CannotBlock,
        &["blocking_and_async_callers_see_the_same", "by_hand_blocking_handles_do_the_same"],
    ),
    (
        Flaw::Hangs,
        &["a_value_comes_back_as_it_was_written", "by_hand_values_come_back_as_they_were"],
    ),
    (Flaw::Panics, &["bounds_are_sane"]),
    (Flaw::SharesNothing, &["stores_of_one_prefix_share_or_do_not"]),
    (Flaw::CloseIsForAll, &["stores_of_one_prefix_share_or_do_not"]),
    (Flaw::AnswersWhenClosed, &["a_closed_store_refuses_everything"]),
    (Flaw::ClosesOnce, &["a_closed_store_refuses_everything"]),
    (Flaw::HasNoBound, &["bounds_are_sane"]),
];

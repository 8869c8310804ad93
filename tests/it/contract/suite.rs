//! The list of promises and of the stores that keep them: a new store needs one line at the end.

/// Generates one test per promise.
macro_rules! promises {
    ($backend:ty, $($area:ident: $($promise:ident),+;)+) => {$($(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $promise() {
            crate::contract::$area::$promise::<$backend>().await;
        }
    )+)+};
}

/// Tests every promise with one backend.
macro_rules! store_contract {
    ($name:ident, $backend:ty) => {
        mod $name {
            promises! { $backend,
                inbox: known_updates_are_left_out, a_batch_keeps_its_order,
                    an_update_repeated_within_a_batch_is_known, an_offset_may_be_set_back,
                    the_undecided_are_paged,
                    the_undecided_of_a_part_are_read_alone,
                    failures_are_counted, decided_updates_stay_known,
                    an_update_without_end_or_text_is_kept, what_comes_decided_never_waits,
                    what_comes_with_an_outdated_decision_waits, nothing_overtakes_what_waits;
                intake: the_offset_never_passes_what_is_stored;
                commits: a_commit_is_whole, an_unknown_subject_has_no_conversation,
                    conversations_are_found_by_topic_and_message,
                    conversations_are_found_by_a_former_topic,
                    an_outdated_change_writes_nothing, a_ban_is_not_undone_by_who_did_not_see_it,
                    later_commits_of_a_call_see_earlier_ones, a_new_conversation_is_expected_at_zero,
                    a_commit_asked_for_twice_is_done_once, concurrent_changes_are_all_kept,
                    a_conversation_survives_whole;
                links: links_are_found_from_both_sides, a_known_pair_gets_new_contents,
                    the_newest_copy_counts, a_moved_group_forgets_links,
                    the_old_are_forgotten_in_steps, forgotten_updates_are_new_again,
                    undecided_updates_are_never_forgotten;
                outbox: lanes_are_independent_and_ordered, a_lane_is_paged,
                    it_is_known_how_much_waits_where,
                    lanes_are_found_by_their_oldest_sends_and_each_tells_what_waits,
                    done_sends_leave;
                dead_letters: a_dead_update_leaves_the_inbox_and_comes_back,
                    a_dead_send_leaves_its_lane_and_comes_back_last,
                    the_dead_are_paged_found_and_dropped, the_gone_are_passed_over;
                timers: timers_run_out_in_their_order_and_follow_their_conversations,
                    a_request_has_one_number_and_each_the_next;
                pages: all_conversations_are_listed_page_by_page,
                    what_is_shown_is_seen_under_its_name;
                figures: figures_count_what_is_stored, a_probe_works;
                restart: all_is_there_after_a_kill, a_finished_import_is_remembered, closing_is_remembered_as_clean,
                    calls_after_closing_fail, what_is_queued_is_finished_before_closing,
                    numbers_are_never_given_twice, many_writers_lose_nothing;
                archive: what_is_read_out_can_be_put_into_another_store,
                    what_was_put_in_works_on_as_it_did, numbers_go_on_after_those_put_in,
                    what_is_read_out_is_of_one_moment, only_an_empty_store_is_filled,
                    a_number_that_was_given_and_not_learnt_yet_is_read_out;
            }
        }
    };
}

store_contract!(on_sqlite, crate::sqlite::Disk);
store_contract!(on_redis, crate::redis::Stored);

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
                inbox: known_updates_are_skipped, a_batch_keeps_its_order,
                    an_update_repeated_within_a_batch_is_known, the_offset_may_be_lowered,
                    undecided_updates_are_paged,
                    undecided_updates_are_read_by_partition,
                    failed_attempts_are_counted, decided_updates_stay_known,
                    an_update_of_any_length_is_stored_unchanged, an_update_stored_with_its_decision_never_waits,
                    an_update_with_a_stale_decision_waits, no_update_overtakes_a_waiting_one;
                intake: the_offset_never_passes_the_stored_updates;
                commits: a_commit_is_atomic, an_unknown_subject_has_no_conversation,
                    conversations_are_found_by_topic_and_message,
                    conversations_are_found_by_a_former_topic,
                    a_stale_commit_writes_nothing, a_ban_is_not_undone_by_a_stale_commit,
                    later_commits_of_a_call_see_earlier_ones, a_new_conversation_must_expect_revision_zero,
                    a_repeated_commit_is_applied_once, no_concurrent_change_is_lost,
                    a_conversation_is_stored_completely;
                links: links_are_found_from_both_sides, a_known_link_gets_the_new_contents,
                    the_newest_copy_is_found, a_group_migration_deletes_links,
                    old_links_are_deleted_in_steps, deleted_updates_count_as_new,
                    undecided_updates_are_never_deleted;
                groups: a_group_gets_one_number_for_ever, equal_numbers_in_two_groups_are_told_apart,
                    a_migration_concerns_the_links_of_its_group_only,
                    old_links_of_every_group_are_forgotten, groups_and_their_links_are_in_snapshots;
                outbox: lanes_are_independent_and_ordered, a_lane_is_paged,
                    the_backlog_is_counted_by_partition_and_channel,
                    a_backlog_that_is_being_sent_is_never_reported_empty,
                    lanes_are_listed_by_their_oldest_send_with_their_backlog,
                    completed_sends_are_removed;
                dead_letters: a_dead_update_leaves_the_inbox_and_returns_when_replayed,
                    a_dead_send_leaves_its_lane_and_is_replayed_at_its_end,
                    dead_letters_are_paged_found_and_dropped, unknown_dead_letters_are_skipped;
                timers: timers_expire_in_order_and_follow_their_conversations,
                    requests_are_numbered_consecutively_once_each;
                pages: all_conversations_are_listed_page_by_page,
                    published_values_are_read_by_name;
                figures: figures_match_the_stored_values, a_probe_works;
                restart: every_commit_survives_a_kill, a_finished_import_is_recorded, a_clean_close_is_recorded,
                    the_spans_of_the_limit_survive_a_kill_and_grow,
                    calls_after_closing_fail, queued_work_is_finished_before_closing,
                    sequence_numbers_are_never_reused, concurrent_writers_lose_nothing;
                archive: a_snapshot_can_be_restored_into_another_store,
                    a_restored_store_works_like_the_original, sequence_numbers_continue_after_a_restore,
                    a_snapshot_is_consistent, only_an_empty_store_accepts_a_restore,
                    a_snapshot_includes_request_numbers_that_no_conversation_has_yet;
            }
        }
    };
}

store_contract!(on_sqlite, crate::sqlite::Disk);
store_contract!(on_redis, crate::redis::Stored);

"""Which tests of the engine do not run in a world, and why; all others do.

A test is a file and a function, with its parameters where only some are meant (`fnmatch` patterns).
`--in-world` leaves these out; `--in-world --unsuited` runs them alone, each expected to fail, so
that an entry whose test runs in a world after all is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

import pytest

__all__ = ["SUITES", "UNSUITED", "Entry", "entry_of", "select"]

SUITES = ("kernel", "laws", "naming", "runtime", "supervision")


class Entry(NamedTuple):
    """One test, or all of a file's."""

    file: str
    name: str
    reason: str
    runs: bool  # whether it may be tried: it fails in a world, and ends


LOOP = "is about the event loop itself: its tasks, carriers, time slices, signals"
THREADS = "uses threads, or real time"
PROGRAMS = "runs programs of its own"
TWO = "has two systems at once: a world is one"
INSIDE = "looks into mailboxes or limits: in a world what was sent is in channels of its own"
MEMORY = "counts objects that are freed: a world keeps those of a run for its charts"
LONG = "takes more than 10,000 steps"
ORDER = "asserts the order of what different senders send, which is not promised"
SIGNALS = "asserts which of two actors is the first to act on what the engine tells both"
EARLY = "looks before all is at rest: in a world a message may be on its way"
JUMP = "asserts the order of timers that one jump of the clock makes due"
INLINE = "asserts that an ask is answered within the step of who asks, which a world has not"
POOL = "asserts one order of what a pool kept until it had members and what came later"

# file: (reason, whether it may be tried, names)
TABLE: dict[str, tuple[tuple[str, bool, tuple[str, ...]], ...]] = {
    "kernel/test_construct.py": (
        (PROGRAMS, False, ("test_handlers_reach_those_of_the_base_with_super",)),
        (
            THREADS,
            False,
            ("test_actors_made_by_hand_in_other_threads_take_no_cell_of_a_running_system",),
        ),
    ),
    "kernel/test_crash_log.py": (
        (
            PROGRAMS,
            False,
            ("test_a_program_that_configures_nothing_sees_failures_and_dead_letters_on_stderr",),
        ),
    ),
    "kernel/test_fairness.py": (
        (LOOP, False, ("test_every_actor_has_its_turn_within_a_bound",)),
        (
            LOOP,
            True,
            (
                "test_an_ask_of_an_idle_actor_does_not_wait_through_the_queue*",
                "test_an_ask_that_came_while_another_was_suspended_does_not_wait_either*",
                "test_a_timer_does_not_wait_through_the_queue_either*",
            ),
        ),
    ),
    "kernel/test_garbage.py": (
        (
            MEMORY,
            True,
            (
                "test_a_dead_actor_is_freed_with_its_last_ref",
                "test_an_actor_that_failed_is_collected_though_its_exception_leads_back_to_it",
            ),
        ),
    ),
    "kernel/test_limits.py": (
        (
            INSIDE,
            True,
            (
                "test_a_bound_of_an_actors_own_still_holds",
                "test_an_unlimited_system_has_the_plain_mailboxes",
                "test_beyond_max_queued_what_is_told_is_a_dead_letter_and_asks_and_sends_fail",
                "test_max_queued_is_reported_once_also_to_an_actor_for_which_there_is_no_room",
                "test_orders_timers_and_signals_do_not_count",
            ),
        ),
        (ORDER, True, ("test_max_actors_is_reported_when_it_refuses_and_at_three_quarters",)),
    ),
    "kernel/test_links_tree.py": (
        (SIGNALS, True, ("test_a_linked_child_that_is_restarted_ends_its_parent_all_the_same",)),
    ),
    "kernel/test_links.py": (
        (EARLY, True, ("test_the_end_of_a_linked_actor_acts_before_the_next_user_message",)),
        (ORDER, True, ("test_who_traps_exits_gets_an_exit_for_every_reason_and_lives",)),
    ),
    "kernel/test_timeouts.py": (
        (ORDER, True, ("test_a_receive_timeout_that_a_message_overtook_is_void",)),
    ),
    "kernel/test_timers.py": (
        (
            JUMP,
            True,
            ("test_timers_arrive_in_the_order_of_their_times_those_of_one_time_as_they_were_set",),
        ),
    ),
    "kernel/test_unhandled.py": (
        (ORDER, True, ("test_next_goes_before_the_mailbox_in_the_order_of_its_calls",)),
    ),
    "kernel/test_watch.py": (
        (MEMORY, True, ("test_monitors_that_come_and_go_leave_nothing_behind",)),
    ),
    "kernel/test_watch_many.py": ((LONG, False, ("test_ten_thousand_*",)),),
    "laws/test_supervision_laws.py": (
        (LONG, True, ("test_a_thousand_ends_lose_and_leave_nothing",)),
    ),
    "naming/test_breaker.py": (
        (LOOP, False, ("test_who_asks_in_a_loop_does_not_stop_the_event_loop",)),
    ),
    "naming/test_group.py": (
        (ORDER, True, ("test_a_broadcast_reaches_all_members_in_the_order_of_their_joining",)),
        (
            THREADS,
            True,
            (
                "test_a_member_of_a_system_in_another_thread_is_refused",
                "test_another_thread_is_refused",
            ),
        ),
        (
            TWO,
            True,
            (
                "test_actors_of_another_system_join_and_leave_with_its_end",
                "test_the_same_name_is_the_same_group_in_one_system_and_another_one_elsewhere",
            ),
        ),
        (LONG, True, ("test_joins_and_ends_leave_nothing_behind",)),
    ),
    "naming/test_register.py": ((TWO, True, ("test_an_actor_of_another_system_gets_no_name",)),),
    "naming/test_registry.py": (
        (
            TWO,
            True,
            (
                "test_actors_of_two_systems_talk_to_each_other",
                "test_the_same_name_stands_for_different_actors_in_different_systems",
            ),
        ),
    ),
    "naming/test_topic.py": (
        (
            EARLY,
            True,
            (
                "test_only_takes_the_events_of_one_class",
                "test_via_goes_together_with_an_adapter",
            ),
        ),
    ),
    "naming/test_wrapped.py": (
        (JUMP, True, ("test_a_timers_message_passes_it_whatever_it_refuses",)),
    ),
    "runtime/test_offload.py": ((THREADS, False, ("*",)),),
    "runtime/test_offload_process.py": ((PROGRAMS, False, ("*",)),),
    "runtime/test_ask.py": (
        (
            INLINE,
            True,
            (
                "test_a_deadline_counts_even_if_the_clock_task_had_no_turn_to_see_it",
                "test_a_task_gets_the_reply_of_a_sync_handler_without_being_suspended",
            ),
        ),
        (ORDER, True, ("test_asks_that_wait_in_the_mailbox_of_a_stopping_actor_fail_at_once",)),
    ),
    "runtime/test_ask_coroutines.py": (
        (ORDER, True, ("test_a_coroutine_that_came_up_inline_still_is_the_actors_one_handler",)),
    ),
    "runtime/test_block.py": (
        (THREADS, True, ("test_nothing_outlives_the_block",)),
        (
            TWO,
            True,
            (
                "test_two_systems_in_one_program_nested_and_side_by_side",
                "test_a_system_inside_a_handler_ends_with_the_handler",
            ),
        ),
    ),
    "runtime/test_ask_cancelled.py": (
        (
            INSIDE,
            True,
            ("test_an_ask_cancelled_before_handling_is_not_handled_but_a_dead_letter",),
        ),
    ),
    "runtime/test_blocking.py": ((THREADS, False, ("*",)),),
    "runtime/test_carriers.py": ((LOOP, False, ("*",)),),
    "runtime/test_first_mistakes.py": ((PROGRAMS, False, ("*",)),),
    "runtime/test_foreign_cancel.py": ((LOOP, False, ("*",)),),
    "runtime/test_foreign_tells.py": ((THREADS, False, ("*",)),),
    "runtime/test_hot_loop.py": (
        (EARLY, True, ("test_an_ask_that_begins_within_a_sync_handler_runs_no_handler_there",)),
        (ORDER, True, ("test_a_coroutine_that_a_handler_returns_goes_before_what_it_told_itself",)),
    ),
    "runtime/test_kill.py": (
        (LOOP, False, ("test_a_kill_finds_a_handler_in_a_loop_of_inline_asks",)),
        (THREADS, True, ("test_leaving_the_block_waits_for_a_handler_in_a_thread",)),
    ),
    "runtime/test_native_cancel.py": ((LOOP, False, ("*",)),),
    "runtime/test_reply_to.py": (
        (THREADS, True, ("test_a_reply_collected_in_another_thread_still_fails_its_asker",)),
    ),
    "runtime/test_sigint.py": ((LOOP, False, ("*",)),),
    "runtime/test_slice.py": ((LOOP, False, ("*",)),),
    "runtime/test_threads.py": ((THREADS, False, ("*",)),),
    "supervision/test_against_otp.py": ((ORDER, True, ("test_our_supervisors_do_as_otp_does",)),),
    "supervision/test_links.py": (
        (
            EARLY,
            True,
            (
                "test_a_link_does_not_come_back_with_a_restart",
                "test_via_makes_a_message_of_the_actors_own",
            ),
        ),
    ),
    "supervision/test_monitors.py": (
        (ORDER, True, ("test_the_downs_of_a_group_come_in_the_order_of_their_ends",)),
    ),
    "supervision/test_pool.py": (
        (ORDER, True, ("test_a_draining_stop_takes_its_place_behind_what_was_sent",)),
        (EARLY, True, ("test_a_pool_of_pools_routes_twice",)),
        (JUMP, True, ("test_the_end_of_a_pool_is_watched_and_timers_reach_its_members",)),
        (POOL, True, ("test_what_is_sent_before_the_pool_has_started_is_handled_in_order",)),
        (MEMORY, True, ("test_a_pool_that_is_over_is_freed_with_its_last_ref",)),
    ),
    "supervision/test_pool_routing.py": (
        (PROGRAMS, False, ("test_the_ring_is_the_same_in_every_process",)),
        (
            ORDER,
            True,
            (
                "test_a_key_function_that_raises_fails_that_message_only",
                "test_broadcast_gives_what_is_told_to_all",
            ),
        ),
    ),
    "supervision/test_restart.py": (
        (ORDER, True, ("test_a_bounded_mailbox_is_bounded_while_its_actor_is_down",)),
        (
            INSIDE,
            True,
            (
                "test_a_slot_given_up_during_backoff_loses_nothing_silently",
                "test_messages_queue_during_backoff_and_asks_keep_their_deadline",
            ),
        ),
    ),
    "supervision/test_review.py": (
        (EARLY, True, ("test_a_child_that_fails_as_its_group_stops_keeps_its_slot",)),
    ),
    "supervision/test_review_plans.py": (
        (EARLY, True, ("test_who_terminates_a_child_whose_group_restarts_is_answered",)),
    ),
    "supervision/test_start.py": (
        (
            EARLY,
            True,
            ("test_a_first_start_that_fails_deep_in_the_tree_fails_every_supervisor_above",),
        ),
    ),
    "supervision/test_strategies.py": (
        (
            ORDER,
            True,
            (
                "test_a_restart_that_fails_is_tried_again_behind_what_happened_meanwhile",
                "test_a_transient_child_that_ended_with_its_group_is_there_again",
                "test_all_that_crash_at_once_are_one_restart",
                "test_an_end_that_falls_into_a_restart_of_the_group_shuts_nothing_down",
                "test_rest_for_one_restarts_twice_when_the_first_crashes_after_the_last",
                "test_the_end_of_a_significant_child_outside_the_group_comes_after_its_restart",
                "test_two_that_crash_at_once_are_one_restart_of_the_rest",
                "test_two_that_crash_at_once_are_one_restart_of_their_group",
                "test_two_that_crash_at_once_one_for_one_are_two_restarts",
            ),
        ),
    ),
    "supervision/test_supervisors.py": (
        (
            INSIDE,
            True,
            ("test_a_group_restart_does_not_wait_for_a_handler_that_waits_for_the_group",),
        ),
    ),
}


def entries() -> Iterator[Entry]:
    """The table, a row each."""
    for file, groups in TABLE.items():
        for reason, runs, names in groups:
            yield from (Entry(file, name, reason, runs) for name in names)


UNSUITED = tuple(entries())


def entry_of(nodeid: str) -> Entry | None:
    """The row of a test, by its node's name: `tests/kernel/test_x.py::test_y[parameters]`."""
    path, _, name = nodeid.partition("::")
    for entry in UNSUITED:
        if path == f"tests/{entry.file}" and (
            fnmatchcase(name, entry.name) or fnmatchcase(name.partition("[")[0], entry.name)
        ):
            return entry
    return None


def select(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that run in worlds; with `--unsuited` those that do not, to see them fail."""
    listed = bool(config.getoption("--unsuited"))
    kept: list[pytest.Item] = []
    for item in items:
        path = item.nodeid.partition("::")[0].split("/")
        hosted = path[0] == "tests" and path[1] in SUITES
        if not hosted or "world" not in item.nodeid.partition("[")[2]:
            continue
        entry = entry_of(item.nodeid)
        if listed and entry is not None and entry.runs:
            item.add_marker(pytest.mark.xfail(reason=entry.reason, strict=True))
            kept.append(item)
        elif not listed and entry is None:
            kept.append(item)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept

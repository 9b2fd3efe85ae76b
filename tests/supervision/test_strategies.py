"""Who else is restarted with a child, in which order, and what happens when that fails.

After supervisor_SUITE's groups restart_one_for_one, restart_one_for_all, restart_rest_for_one,
restart_simple_one_for_one, its temporary_bystander, and `restart/2`.
"""

from __future__ import annotations

from typing import Any

import pytest

from airssys_rt import RestartChild, StartChild, TerminateChild
from tests.supervision.kit import Crash, Leave, Spec, World, counts, running, settle, states

pytestmark = pytest.mark.anyio

ALL_UP = {"a": "running", "b": "running", "c": "running"}


def stopped(reason: str, *idents: str) -> list[tuple[str, ...]]:
    return [("stop", ident, reason) for ident in idents]


def started(*idents: str) -> list[tuple[str, ...]]:
    return [("start", ident) for ident in idents]


def three(world: World, **restarts: Any) -> list[Spec]:
    """Workers a, b and c, permanent but for those named."""
    return [world.worker(i).restart(restarts.get(i, "permanent")) for i in "abc"]


# one_for_one, one_for_all, rest_for_one, with each child the one that fails
@pytest.mark.parametrize(
    ("strategy", "failing", "others"),
    [
        ("one_for_one", "a", ""),
        ("one_for_one", "b", ""),
        ("one_for_one", "c", ""),
        ("one_for_all", "a", "bc"),
        ("one_for_all", "b", "ac"),
        ("one_for_all", "c", "ab"),
        ("rest_for_one", "a", "bc"),
        ("rest_for_one", "b", "c"),
        ("rest_for_one", "c", ""),
    ],
)
async def test_the_group_stops_last_to_first_and_starts_first_to_last(
    strategy: str, failing: str, others: str
) -> None:
    async with running() as (world, system):
        sup = await world.tree(system, *three(world), strategy=strategy)
        refs = dict(world.refs)
        events = await world.crash(system, failing)
        group = sorted(failing + others)
        stops = [*stopped("failed", failing), *stopped("shutdown", *reversed(others))]
        assert events == [*stops, *started(*group)]
        assert await states(sup) == ALL_UP
        assert await counts(sup) == (3, 3, 0, 3)
        assert world.refs == refs


# restart/2 does not look at the reason: a permanent child that ends normally takes its group along
@pytest.mark.parametrize("strategy", ["one_for_all", "rest_for_one"])
async def test_a_permanent_child_that_ends_normally_restarts_its_group(strategy: str) -> None:
    async with running() as (world, system):
        await world.tree(system, *three(world), strategy=strategy)
        events = await world.leave(system, "a")
        stops = [*stopped("normal", "a"), *stopped("shutdown", "c", "b")]
        assert events == [*stops, *started(*"abc")]


# do_restart/3: an end that asks for no restart touches nobody
@pytest.mark.parametrize("strategy", ["one_for_all", "rest_for_one"])
@pytest.mark.parametrize(
    ("restart", "end", "reason"),
    [
        ("transient", "leave", "normal"),
        ("temporary", "leave", "normal"),
        ("temporary", "crash", "failed"),
    ],
)
async def test_a_child_that_is_not_restarted_leaves_its_group_alone(
    strategy: str, restart: Any, end: str, reason: str
) -> None:
    async with running() as (world, system):
        await world.tree(system, *three(world, a=restart), strategy=strategy)
        assert await getattr(world, end)(system, "a") == stopped(reason, "a")


# temporary_bystander; terminate_children/2: remove
@pytest.mark.parametrize("strategy", ["one_for_all", "rest_for_one"])
async def test_a_temporary_child_that_is_stopped_with_its_group_is_forgotten(strategy: str) -> None:
    async with running() as (world, system):
        sup = await world.tree(system, *three(world, b="temporary"), strategy=strategy)
        events = await world.crash(system, "a")
        stops = [*stopped("failed", "a"), *stopped("shutdown", "c", "b")]
        assert events == [*stops, *started("a", "c")]
        assert await states(sup) == {"a": "running", "c": "running"}
        await sup.ask(StartChild(world.worker("b")))
        assert list(await states(sup)) == ["a", "c", "b"]


# terminate_children/2 and start_children/2 take the group as it is specified
@pytest.mark.parametrize("strategy", ["one_for_all", "rest_for_one"])
@pytest.mark.parametrize("how", ["terminate", "leave"])
async def test_a_child_that_did_not_run_is_started_with_its_group(strategy: str, how: str) -> None:
    async with running() as (world, system):
        sup = await world.tree(system, *three(world, b="transient"), strategy=strategy)
        if how == "terminate":
            await sup.ask(TerminateChild("b"))
            world.since()
        else:
            await world.leave(system, "b")
        events = await world.crash(system, "a")
        stops = [*stopped("failed", "a"), *stopped("shutdown", "c")]
        assert events == [*stops, *started(*"abc")]
        assert await states(sup) == ALL_UP


async def test_a_child_that_did_not_run_stays_so_when_it_comes_before_the_rest() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, *three(world), strategy="rest_for_one")
        await sup.ask(TerminateChild("a"))
        world.since()
        await world.crash(system, "b")
        assert await states(sup) == {"a": "stopped", "b": "running", "c": "running"}


# one_for_one_escalation, one_for_all_escalation, rest_for_one_escalation: it never starts again
@pytest.mark.parametrize("strategy", ["one_for_one", "one_for_all", "rest_for_one"])
@pytest.mark.parametrize("failing", ["a", "b"])
async def test_a_restart_that_goes_on_failing_spends_the_intensity(
    strategy: str, failing: str
) -> None:
    async with running() as (world, system):
        sup = await world.tree(
            system, world.worker("a"), world.worker("b"), strategy=strategy, intensity=4
        )
        world.failing[failing] = 100
        crashed = "b" if (strategy, failing) == ("one_for_one", "b") else "a"
        events = await world.crash(system, crashed)
        assert events.count(("fail", failing)) == 4
        assert events[-1] == ("stop", "top", "shutdown")
        await sup.stopped()


# one_for_all_other_child_fails_restart
async def test_one_for_all_stops_those_just_started_when_the_next_does_not_start() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, *three(world), strategy="one_for_all", intensity=3)
        world.failing["b"] = 1
        events = await world.crash(system, "a")
        first = [*stopped("failed", "a"), *stopped("shutdown", "c", "b")]
        tried = [("start", "a"), ("fail", "b"), *stopped("shutdown", "a")]
        assert events == [*first, *tried, *started(*"abc")]
        assert await states(sup) == ALL_UP


# rest_for_one_other_child_fails_restart
async def test_rest_for_one_goes_on_from_the_one_that_did_not_start() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, *three(world), strategy="rest_for_one", intensity=3)
        world.failing["b"] = 1
        events = await world.crash(system, "a")
        first = [*stopped("failed", "a"), *stopped("shutdown", "c", "b")]
        assert events == [*first, ("start", "a"), ("fail", "b"), *started("b", "c")]
        assert await states(sup) == ALL_UP


# {try_again, Id} with each strategy: it counts, and it succeeds while the intensity lasts
@pytest.mark.parametrize("strategy", ["one_for_one", "one_for_all", "rest_for_one"])
async def test_a_restart_that_fails_is_tried_again_and_counted(strategy: str) -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"), strategy=strategy, intensity=3)
        world.failing["a"] = 2
        events = await world.crash(system, "a")
        assert events == [*stopped("failed", "a"), ("fail", "a"), ("fail", "a"), ("start", "a")]
        assert await states(sup) == {"a": "running"}
        assert (await world.crash(system, "a"))[-1] == ("stop", "top", "shutdown")


# gen_server:cast(self(), {try_again_restart, Id}): a message behind those that are there
async def test_a_restart_that_fails_is_tried_again_behind_what_happened_meanwhile() -> None:
    async with running() as (world, system):
        children = [world.worker(ident) for ident in "ab"]
        await world.tree(system, *children, strategy="rest_for_one", intensity=2)
        world.failing["b"] = 1
        events = await world.crash(system, "b", "a")
        tried = [*stopped("failed", "b", "a"), ("fail", "b")]
        assert events == [*tried, *started("a", "b")]


# simple_one_for_one, simple_one_for_one_escalation
async def test_a_dynamic_supervisor_restarts_one_for_one() -> None:
    async with running() as (world, system):
        dynamic = world.dynamic("sup", intensity=2).restart("temporary")
        above = await world.tree(system)
        sup = await above.ask(StartChild(dynamic))
        for ident in "ab":
            await sup.ask(StartChild(world.worker(ident).restart("permanent")))
        world.since()
        assert await world.crash(system, "a") == [*stopped("failed", "a"), ("start", "a")]
        assert await states(sup) == {"a": "running", "b": "running"}
        world.failing["b"] = 100
        events = await world.crash(system, "b")
        assert events[:2] == [*stopped("failed", "b"), ("fail", "b")]
        assert events[-2:] == [*stopped("shutdown", "a"), *stopped("shutdown", "sup")]


# unlink_flush/2: the end of a child that is being stopped anyhow is no second failure
@pytest.mark.parametrize("crashing", ["ab", "ba", "ac", "ca", "bc", "cb"])
async def test_two_that_crash_at_once_are_one_restart_of_their_group(crashing: str) -> None:
    async with running() as (world, system):
        sup = await world.tree(system, *three(world), strategy="one_for_all", intensity=1)
        events = await world.crash(system, *crashing)
        other = (set("abc") - set(crashing)).pop()
        stops = [*stopped("failed", *crashing), *stopped("shutdown", other)]
        assert events == [*stops, *started(*"abc")]
        assert await states(sup) == ALL_UP


@pytest.mark.parametrize(
    ("strategy", "crashing"), [("one_for_all", "ab"), ("one_for_all", "ba"), ("rest_for_one", "ab")]
)
async def test_all_that_crash_at_once_are_one_restart(strategy: str, crashing: str) -> None:
    """With nobody left to stop, the group starts at once, before the second end is looked at."""
    async with running() as (world, system):
        children = [world.worker(ident) for ident in "ab"]
        sup = await world.tree(system, *children, strategy=strategy, intensity=2)
        events = await world.crash(system, *crashing)
        assert events == [*stopped("failed", *crashing), *started("a", "b")]
        await world.crash(system, "b")
        assert await states(sup) == {"a": "running", "b": "running"}


async def test_two_that_crash_at_once_are_one_restart_of_the_rest() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, *three(world), strategy="rest_for_one", intensity=1)
        events = await world.crash(system, "b", "c")
        assert events == [*stopped("failed", "b", "c"), *started("b", "c")]
        assert await states(sup) == ALL_UP


@pytest.mark.parametrize("end", [Crash(), Leave()], ids=["crash", "leave"])
async def test_a_transient_child_that_ended_with_its_group_is_there_again(end: Any) -> None:
    async with running() as (world, system):
        child = world.worker("b").restart("transient")
        sup = await world.tree(system, world.worker("a"), child, strategy="one_for_all")
        world.refs["a"].tell(Crash())
        world.refs["b"].tell(end)
        await settle(system)
        assert world.since()[-2:] == started("a", "b")
        assert await states(sup) == {"a": "running", "b": "running"}
        assert await counts(sup) == (2, 2, 0, 2)


# handle_info({'EXIT', ..}) is one message after the other
async def test_the_end_of_a_significant_child_outside_the_group_comes_after_its_restart() -> None:
    async with running() as (world, system):
        significant = world.worker("a").restart("transient").significant()
        await world.tree(
            system,
            *(significant, world.worker("b"), world.worker("c")),
            strategy="rest_for_one",
            auto_shutdown="any_significant",
        )
        world.refs["b"].tell(Crash())
        world.refs["a"].tell(Leave())
        await settle(system)
        group = [*stopped("shutdown", "c"), *started("b", "c")]
        ends = stopped("shutdown", "c", "b", "top")
        assert world.since() == [
            *(("stop", "b", "failed"), ("stop", "a", "normal")),
            *(*group, *ends),
        ]


# unlink_flush/2: nor is it the end of a significant child
@pytest.mark.parametrize("restart", ["transient", "temporary"])
async def test_an_end_that_falls_into_a_restart_of_the_group_shuts_nothing_down(
    restart: Any,
) -> None:
    async with running() as (world, system):
        significant = world.worker("b").restart(restart).significant()
        sup = await world.tree(
            system,
            *(world.worker("a"), significant, world.worker("c")),
            strategy="one_for_all",
            auto_shutdown="any_significant",
        )
        world.refs["a"].tell(Crash())
        world.refs["b"].tell(Leave())
        await settle(system)
        stops = [*stopped("failed", "a"), *stopped("normal", "b"), *stopped("shutdown", "c")]
        again = "abc" if restart == "transient" else "ac"
        assert world.since() == [*stops, *started(*again)]
        assert list(await states(sup)) == list(again)


# .. but the end of one that is not in the group is
async def test_two_that_crash_at_once_one_for_one_are_two_restarts() -> None:
    async with running() as (world, system):
        await world.tree(system, *three(world), intensity=2)
        events = await world.crash(system, "a", "b")
        assert events == [*stopped("failed", "a", "b"), *started("a", "b")]
        assert (await world.crash(system, "c"))[-1] == ("stop", "top", "shutdown")


async def test_rest_for_one_restarts_twice_when_the_first_crashes_after_the_last() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, *three(world), strategy="rest_for_one", intensity=2)
        events = await world.crash(system, "c", "a")
        stops = [*stopped("failed", "c", "a"), ("start", "c"), *stopped("shutdown", "c", "b")]
        assert events == [*stops, *started(*"abc")]
        assert await states(sup) == ALL_UP


# a crash between the stop and the start of a group: the child was started and fails again
async def test_a_child_that_crashes_as_soon_as_it_is_restarted_is_restarted_again() -> None:
    async with running() as (world, system):
        await world.tree(system, *three(world), strategy="one_for_all", intensity=3)
        world.refs["a"].tell(Crash())
        world.refs["a"].tell(Crash())  # waits in the mailbox for the next incarnation
        await settle(system)
        events = world.since()
        assert events.count(("stop", "a", "failed")) == 2
        assert events[-3:] == started(*"abc")


# restart_child/2 by hand is one for one, whatever the strategy
@pytest.mark.parametrize("strategy", ["one_for_all", "rest_for_one"])
async def test_terminate_and_restart_by_hand_touch_one_child_only(strategy: str) -> None:
    async with running() as (world, system):
        sup = await world.tree(system, *three(world), strategy=strategy)
        await sup.ask(TerminateChild("a"))
        await sup.ask(RestartChild("a"))
        await settle(system)
        assert world.since() == [*stopped("shutdown", "a"), *started("a")]


# significant supervision: a whole branch in a group
async def test_a_branch_is_stopped_and_started_as_one_child() -> None:
    async with running() as (world, system):
        inner = world.sup("s", world.worker("b"), world.worker("c"))
        await world.tree(system, world.worker("a"), inner, strategy="one_for_all")
        events = await world.crash(system, "a")
        stops = [*stopped("failed", "a"), *stopped("shutdown", "c", "b", "s")]
        assert events == [*stops, *started("a", "s", "b", "c")]


# {try_again, Id} where Id is a supervisor: its children's start failed
async def test_a_branch_that_does_not_start_again_is_tried_again() -> None:
    async with running() as (world, system):
        inner = world.sup("s", world.worker("b"), world.worker("c"))
        sup = await world.tree(
            system, world.worker("a"), inner, strategy="rest_for_one", intensity=2
        )
        world.failing["c"] = 1
        events = await world.crash(system, "a")
        first = [*stopped("failed", "a"), *stopped("shutdown", "c", "b", "s"), ("start", "a")]
        tried = [*started("s", "b"), ("fail", "c"), *stopped("shutdown", "b")]
        assert events == [*first, *tried, *started("s", "b", "c")]
        assert await states(sup) == {"a": "running", "s": "running"}

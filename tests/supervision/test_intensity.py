"""How many restarts in how much time a supervisor tries before it gives up.

After supervisor_SUITE:multiple_restarts, the "restart frequency" parts of its strategy cases, and
`add_restart/1`: the restarts since `now - period`, the bounds included, may be `intensity`.
"""

from __future__ import annotations

import pytest

from airssys_rt import (
    Failed,
    RestartChild,
    RestartIntensityExceeded,
    StartChild,
    StartFailed,
    TerminateChild,
)
from tests.supervision.kit import running, settle, states
from tests.virtual import VirtualClock, advance

pytestmark = pytest.mark.anyio

GAVE_UP = ("stop", "top", "shutdown")


# the frequency parts of one_for_one, one_for_all, rest_for_one
@pytest.mark.parametrize("strategy", ["one_for_one", "one_for_all", "rest_for_one"])
@pytest.mark.parametrize("intensity", [0, 1, 2, 5])
async def test_a_supervisor_restarts_as_often_as_its_intensity_and_then_ends(
    strategy: str, intensity: int
) -> None:
    async with running() as (world, system):
        sup = await world.tree(
            system, world.worker("a"), world.worker("b"), strategy=strategy, intensity=intensity
        )
        for n in range(intensity):
            await world.crash(system, "ab"[n % 2])
            assert await states(sup) == {"a": "running", "b": "running"}
        events = await world.crash(system, "a")
        assert events == [("stop", "a", "failed"), ("stop", "b", "shutdown"), GAVE_UP]
        reason = await sup.stopped()
        assert isinstance(reason, Failed)
        assert isinstance(reason.cause, RestartIntensityExceeded)


async def test_the_defaults_are_one_restart_in_five_seconds() -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        await world.tree(system, world.worker("a"))
        await world.crash(system, "a")
        await advance(system, clock, 5.1)
        assert (await world.crash(system, "a"))[-1] == ("start", "a")
        await advance(system, clock, 4.9)
        assert (await world.crash(system, "a"))[-1] == GAVE_UP


# multiple_restarts
async def test_restarts_that_are_far_enough_apart_go_on_for_ever() -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        sup = await world.tree(system, world.worker("a"), intensity=1, period=1.0)
        for _ in range(10):
            assert (await world.crash(system, "a"))[-1] == ("start", "a")
            await advance(system, clock, 1.1)
        assert await states(sup) == {"a": "running"}


# add_restart/3: takewhile(fun(R) -> R >= Now - Period end)
@pytest.mark.parametrize(
    ("later", "last"), [(9.75, GAVE_UP), (10.0, GAVE_UP), (10.25, ("start", "a"))]
)
async def test_a_restart_counts_until_it_is_more_than_a_period_old(
    later: float, last: tuple[str, ...]
) -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        await world.tree(system, world.worker("a"), intensity=1, period=10.0)
        await world.crash(system, "a")
        await advance(system, clock, later)
        assert (await world.crash(system, "a"))[-1] == last


async def test_the_window_slides() -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        await world.tree(system, world.worker("a"), intensity=2, period=10.0)
        for wait in (6.0, 6.0, 6.0, 6.0):  # never three in ten seconds
            assert (await world.crash(system, "a"))[-1] == ("start", "a")
            await advance(system, clock, wait)
        await world.crash(system, "a")
        await advance(system, clock, 3.0)
        assert (await world.crash(system, "a"))[-1] == GAVE_UP


# state.restarts is the supervisor's, not a child's
async def test_the_restarts_of_all_children_count_together() -> None:
    async with running() as (world, system):
        await world.tree(system, *map(world.worker, "abc"), intensity=2)
        await world.crash(system, "a")
        await world.crash(system, "b")
        assert (await world.crash(system, "c"))[-1] == GAVE_UP


# restart/2 is called once for a group
async def test_the_restart_of_a_group_counts_once() -> None:
    async with running() as (world, system):
        sup = await world.tree(
            system, *map(world.worker, "abcd"), strategy="one_for_all", intensity=2
        )
        await world.crash(system, "a")
        await world.crash(system, "d")
        assert set((await states(sup)).values()) == {"running"}
        assert (await world.crash(system, "b"))[-1] == GAVE_UP


# do_restart/3 for a permanent child: the reason does not matter
async def test_normal_ends_of_permanent_children_count() -> None:
    async with running() as (world, system):
        await world.tree(system, world.worker("a"), intensity=1)
        assert (await world.leave(system, "a"))[-1] == ("start", "a")
        assert (await world.leave(system, "a"))[-1] == GAVE_UP


async def test_ends_that_ask_for_no_restart_do_not_count() -> None:
    async with running() as (world, system):
        transient = world.worker("a").restart("transient")
        temporary = world.worker("b").restart("temporary")
        sup = await world.tree(system, transient, temporary, intensity=0)
        await world.leave(system, "a")
        await world.crash(system, "b")
        assert await states(sup) == {"a": "stopped"}


# handle_call({restart_child, ..}) does not call add_restart/1
async def test_restarts_by_hand_do_not_count() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"), intensity=0)
        for _ in range(3):
            await sup.ask(TerminateChild("a"))
            await sup.ask(RestartChild("a"))
        world.failing["b"] = 1
        with pytest.raises(StartFailed):
            await sup.ask(StartChild(world.worker("b")))
        assert await states(sup) == {"a": "running"}


# one crash and the starts that fail after it: each is a restart
@pytest.mark.parametrize(("failing", "survives"), [(2, True), (3, False)])
async def test_each_start_that_fails_counts(failing: int, survives: bool) -> None:
    async with running() as (world, system):
        await world.tree(system, world.worker("a"), intensity=3)
        world.failing["a"] = failing
        events = await world.crash(system, "a")
        assert events.count(("fail", "a")) == failing
        assert events[-1] == (("start", "a") if survives else GAVE_UP)


# a new incarnation of the supervisor has a new state
async def test_a_restarted_supervisor_counts_from_nothing() -> None:
    async with running() as (world, system):
        inner = world.sup("s", world.worker("a"), intensity=1)
        await world.tree(system, inner, intensity=5)
        for _ in range(2):
            assert await world.crash(system, "a") == [("stop", "a", "failed"), ("start", "a")]
            assert ("start", "s") in await world.crash(system, "a")


# restart_child of the supervisor's supervisor: exhausted intensities add up the tree
async def test_exhausted_intensities_climb_the_tree() -> None:
    async with running() as (world, system):
        inner = world.sup("s", world.worker("a"), intensity=1)
        middle = world.sup("m", inner, intensity=1)
        sup = await world.tree(system, middle, intensity=1)
        crashes = 0
        while True:
            crashes += 1
            if (await world.crash(system, "a"))[-1] == GAVE_UP:
                break
        assert crashes == 8
        await sup.stopped()


async def test_the_error_says_who_what_and_why() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"), intensity=0)
        await world.crash(system, "a")
        reason = await sup.stopped()
        assert isinstance(reason, Failed)
        assert sup.path in reason.text
        assert "a" in reason.text
        error = reason.cause
        assert isinstance(error, RestartIntensityExceeded)
        assert isinstance(error.__cause__, RuntimeError)


# at the root of a system there is no supervisor above (OTP: the application ends)
async def test_a_top_level_supervisor_that_gives_up_is_no_end_of_the_system() -> None:
    """It was simply spawned, so it is temporary; only the root's own intensity ends a system."""
    async with running() as (world, system):
        sup = system.spawn(world.sup("sup", world.worker("a"), intensity=0))
        await sup.started()
        await world.crash(system, "a")
        assert isinstance(await sup.stopped(), Failed)
        other = system.spawn(world.worker("b"))
        await other.started()
        await settle(system)

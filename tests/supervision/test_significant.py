"""Significant children: a supervisor that ends when its work is done.

After supervisor_SUITE's group significant, but for the upgrades, and `do_auto_shutdown/2`.
"""

from __future__ import annotations

from typing import Any

import pytest

from airssys_rt import RestartChild, Shutdown, StartChild, StartFailed, TerminateChild
from tests.supervision.kit import running, settle, states

pytestmark = pytest.mark.anyio

MODES = ["any_significant", "all_significant"]
ENDED = ("stop", "top", "shutdown")


# nonsignificant_temporary, nonsignificant_transient
@pytest.mark.parametrize("mode", ["never", *MODES])
@pytest.mark.parametrize("restart", ["temporary", "transient"])
@pytest.mark.parametrize("end", ["leave", "crash"])
async def test_the_end_of_another_child_does_not_end_the_supervisor(
    mode: str, restart: Any, end: str
) -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a").restart(restart), auto_shutdown=mode)
        await getattr(world, end)(system, "a")
        await states(sup)
        assert ENDED not in world.events


# nonsignificant_*, significant_*: "Terminating .. via the supervisor should not trigger"
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("restart", ["temporary", "transient"])
@pytest.mark.parametrize("significant", [False, True])
async def test_a_child_that_is_terminated_does_not_end_the_supervisor(
    mode: str, restart: Any, significant: bool
) -> None:
    async with running() as (world, system):
        child = world.worker("a").restart(restart)
        child = child.significant() if significant else child
        sup = await world.tree(system, child, world.worker("b"), auto_shutdown=mode)
        await sup.ask(TerminateChild("a"))
        await settle(system)
        assert world.since() == [("stop", "a", "shutdown")]
        assert (await states(sup))["b"] == "running"


# significant_temporary, significant_transient: any_significant
@pytest.mark.parametrize(
    ("restart", "end", "reason"),
    [
        ("temporary", "leave", "normal"),
        ("temporary", "crash", "failed"),
        ("transient", "leave", "normal"),
    ],
)
async def test_the_end_of_any_significant_child_ends_the_supervisor(
    restart: Any, end: str, reason: str
) -> None:
    async with running() as (world, system):
        one, two = (world.worker(i).restart(restart).significant() for i in "ab")
        plain = world.worker("c").restart(restart)
        sup = await world.tree(system, one, two, plain, auto_shutdown="any_significant")
        events = await getattr(world, end)(system, "a")
        rest = [("stop", "c", "shutdown"), ("stop", "b", "shutdown"), ENDED]
        assert events == [("stop", "a", reason), *rest]
        assert await sup.stopped() == Shutdown()


# significant_transient: "The killed child should be restarted", also after an abnormal end
@pytest.mark.parametrize("mode", MODES)
async def test_a_significant_child_that_is_restarted_does_not_end_the_supervisor(mode: str) -> None:
    async with running() as (world, system):
        child = world.worker("a").restart("transient").significant()
        sup = await world.tree(system, child, auto_shutdown=mode, intensity=5)
        assert await world.crash(system, "a") == [("stop", "a", "failed"), ("start", "a")]
        assert await states(sup) == {"a": "running"}


# significant_temporary, significant_transient: all_significant
@pytest.mark.parametrize("restart", ["temporary", "transient"])
async def test_the_end_of_the_last_significant_child_ends_the_supervisor(restart: Any) -> None:
    async with running() as (world, system):
        one, two = (world.worker(i).restart(restart).significant() for i in "ab")
        plain = world.worker("c").restart(restart)
        sup = await world.tree(system, one, two, plain, auto_shutdown="all_significant")
        assert await world.leave(system, "a") == [("stop", "a", "normal")]
        events = await world.leave(system, "b")
        assert events == [("stop", "b", "normal"), ("stop", "c", "shutdown"), ENDED]
        assert await sup.stopped() == Shutdown()


# do_auto_shutdown/2: only children with a process are left
async def test_a_significant_child_that_was_terminated_is_not_waited_for() -> None:
    async with running() as (world, system):
        one, two = (world.worker(i).restart("transient").significant() for i in "ab")
        sup = await world.tree(system, one, two, auto_shutdown="all_significant")
        await sup.ask(TerminateChild("a"))
        world.since()
        assert (await world.leave(system, "b"))[-1] == ENDED


async def test_a_significant_child_that_came_back_is_waited_for() -> None:
    async with running() as (world, system):
        one, two = (world.worker(i).restart("transient").significant() for i in "ab")
        sup = await world.tree(system, one, two, auto_shutdown="all_significant")
        await world.leave(system, "a")
        await sup.ask(RestartChild("a"))
        assert await world.leave(system, "b") == [("start", "a"), ("stop", "b", "normal")]
        assert (await world.leave(system, "a"))[-1] == ENDED


# do_auto_shutdown/2: {restarting, _} is not undefined
async def test_a_child_started_later_may_be_significant() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"), auto_shutdown="any_significant")
        await sup.ask(StartChild(world.worker("b").restart("temporary").significant()))
        world.since()
        assert (await world.leave(system, "b"))[-1] == ENDED


# handle_start_child/2 adds no child, and calls no do_auto_shutdown/2
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("restart", ["temporary", "transient"])
async def test_a_significant_child_that_does_not_start_by_hand_ends_nothing(
    mode: str, restart: Any
) -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"), auto_shutdown=mode)
        world.failing["b"] = 1
        with pytest.raises(StartFailed):
            await sup.ask(StartChild(world.worker("b").restart(restart).significant()))
        await settle(system)
        assert world.since() == [("fail", "b")]
        assert await states(sup) == {"a": "running"}


# the same for handle_call({restart_child, ..})
@pytest.mark.parametrize("mode", MODES)
async def test_a_significant_child_that_does_not_start_again_by_hand_ends_nothing(
    mode: str,
) -> None:
    async with running() as (world, system):
        child = world.worker("a").restart("transient").significant()
        sup = await world.tree(system, child, world.worker("b"), auto_shutdown=mode)
        await sup.ask(TerminateChild("a"))
        world.failing["a"] = 1
        with pytest.raises(StartFailed):
            await sup.ask(RestartChild("a"))
        await settle(system)
        assert await states(sup) == {"a": "stopped", "b": "running"}


# significant_bystander
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("strategy", ["one_for_one", "one_for_all", "rest_for_one"])
async def test_a_significant_child_that_is_stopped_with_its_group_ends_nothing(
    mode: str, strategy: str
) -> None:
    async with running() as (world, system):
        first, third = (world.worker(i).restart("transient").significant() for i in "ac")
        second = world.worker("b").restart("transient")
        sup = await world.tree(
            system, first, second, third, strategy=strategy, auto_shutdown=mode, intensity=5
        )
        await world.crash(system, "b")
        assert await states(sup) == dict.fromkeys("abc", "running")


# terminate_children/2 removes temporary ones without do_auto_shutdown/2
@pytest.mark.parametrize("mode", MODES)
async def test_a_temporary_significant_child_that_is_forgotten_with_its_group_ends_nothing(
    mode: str,
) -> None:
    async with running() as (world, system):
        temporary = world.worker("b").restart("temporary").significant()
        sup = await world.tree(
            system, world.worker("a"), temporary, strategy="one_for_all", auto_shutdown=mode
        )
        await world.crash(system, "a")
        assert await states(sup) == {"a": "running"}


# significant_escalation
@pytest.mark.parametrize("significant", [True, False])
async def test_the_end_of_a_significant_supervisor_climbs_the_tree(significant: bool) -> None:
    async with running() as (world, system):
        leaf = world.worker("a").restart("transient").significant()
        inner = world.sup("s", leaf, auto_shutdown="any_significant").restart("transient")
        inner = inner.significant() if significant else inner
        sup = await world.tree(system, inner, auto_shutdown="any_significant")
        events = await world.leave(system, "a")
        ends = [("stop", "a", "normal"), ("stop", "s", "shutdown")]
        if significant:
            assert events == [*ends, ENDED]
            await sup.stopped()
        else:
            assert events == ends
            assert await states(sup) == {"s": "stopped"}


# do_restart(shutdown, ..): giving up is an end like others
@pytest.mark.parametrize("restart", ["transient", "temporary"])
async def test_a_significant_supervisor_that_gives_up_ends_the_one_above(restart: Any) -> None:
    async with running() as (world, system):
        inner = world.sup("s", world.worker("a"), intensity=0).restart(restart).significant()
        await world.tree(system, inner, auto_shutdown="any_significant", intensity=5)
        events = await world.crash(system, "a")
        assert events == [("stop", "a", "failed"), ("stop", "s", "shutdown"), ENDED]


# a supervisor that shut down by itself has reason shutdown: permanent ones are restarted
@pytest.mark.parametrize(
    ("restart", "again"), [("permanent", True), ("transient", False), ("temporary", False)]
)
async def test_an_auto_shutdown_is_restarted_if_the_supervisor_is_permanent(
    restart: Any, again: bool
) -> None:
    async with running() as (world, system):
        leaf = world.worker("a").restart("transient").significant()
        inner = world.sup("s", leaf, auto_shutdown="all_significant").restart(restart)
        await world.tree(system, inner)
        events = await world.leave(system, "a")
        starts = [("start", "s"), ("start", "a")] if again else []
        assert events == [("stop", "a", "normal"), ("stop", "s", "shutdown"), *starts]

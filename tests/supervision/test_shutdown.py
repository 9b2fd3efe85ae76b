"""How children are stopped: in reverse order, each within its time, one after the other.

After supervisor_SUITE's group sup_stop, its hanging_restart_loop cases, and `shutdown/1`.
"""

from __future__ import annotations

from typing import Any

import anyio
import anyio.lowlevel
import pytest

from airssys_rt import (
    Backoff,
    DeleteChild,
    Killed,
    NameTaken,
    Normal,
    Refused,
    RestartChild,
    StartChild,
    TerminateChild,
)
from tests.supervision.kit import Crash, Work, World, counts, running, settle, states
from tests.virtual import VirtualClock, advance, turns

pytestmark = pytest.mark.anyio

HOUR = 3600.0


async def busy(world: World, ident: str) -> None:
    """Have a worker hang in a handler that only a kill ends."""
    world.refs[ident].tell(Work(anyio.sleep_forever))
    await turns()


async def jump(clock: VirtualClock, seconds: float) -> None:
    """Move the time while somebody hangs, so that the system is never quiet."""
    await turns()
    clock.jump(seconds)
    await turns(40)


# sup_stop_infinity
async def test_a_child_with_infinite_time_is_waited_for() -> None:
    clock, gate = VirtualClock(), anyio.Event()
    async with running(clock) as (world, system):
        slow = world.worker("b", stopping=gate.wait).shutdown("infinity")
        sup = await world.tree(system, world.worker("a"), slow)
        sup.stop()
        for _ in range(3):
            await jump(clock, HOUR)
        assert world.since() == []
        gate.set()
        await sup.stopped()
        stops = [("stop", "b", "shutdown"), ("stop", "a", "shutdown"), ("stop", "top", "normal")]
        assert world.since() == stops


# sup_stop_timeout
async def test_a_child_that_ignores_its_shutdown_is_killed_after_its_time() -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        a, b = (
            world.worker(ident).shutdown(seconds) for ident, seconds in (("a", 5.0), ("b", 1.0))
        )
        sup = await world.tree(system, a, b)
        await busy(world, "b")
        ref = world.refs["b"]
        sup.stop()
        await jump(clock, 0.9)
        assert world.since() == []
        await jump(clock, 0.2)
        await sup.stopped()
        stops = [("stop", "b", "killed"), ("stop", "a", "shutdown"), ("stop", "top", "normal")]
        assert world.since() == stops
        assert await ref.stopped() == Killed()


# sup_stop_timeout, where it is the hook that takes too long
async def test_a_child_whose_post_stop_takes_too_long_is_killed() -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        slow = world.worker("a", stopping=anyio.sleep_forever).shutdown(2.0)
        sup = await world.tree(system, slow)
        ref = world.refs["a"]
        sup.stop()
        await jump(clock, 1.9)
        assert world.since() == []
        await jump(clock, 0.2)
        assert await ref.stopped() == Killed()


# the time of each child begins when its turn comes: terminate_children/2 is sequential
async def test_the_time_of_a_child_begins_when_those_behind_it_have_ended() -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        sup = await world.tree(system, *(world.worker(i).shutdown(1.0) for i in "ab"))
        for ident in "ab":
            await busy(world, ident)
        sup.stop()
        await jump(clock, 1.1)
        assert world.since() == [("stop", "b", "killed")]
        await jump(clock, 0.5)
        assert world.since() == []
        await jump(clock, 0.6)
        await sup.stopped()
        assert world.since() == [("stop", "a", "killed"), ("stop", "top", "normal")]


# sup_stop_brutal_kill
async def test_a_child_to_be_killed_gets_no_time_and_runs_no_hook() -> None:
    async with running() as (world, system):
        killed = world.worker("b").shutdown("brutal_kill")
        sup = await world.tree(system, world.worker("a"), killed)
        ref = world.refs["b"]
        sup.stop()
        await sup.stopped()
        stops = [("stop", "b", "killed"), ("stop", "a", "shutdown"), ("stop", "top", "normal")]
        assert world.since() == stops
        assert await ref.stopped() == Killed()


# sup_stop_brutal_kill of one that is busy
async def test_a_child_to_be_killed_is_killed_in_its_handler() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a").shutdown("brutal_kill"))
        await busy(world, "a")
        sup.stop()
        await sup.stopped()
        assert world.since()[0] == ("stop", "a", "killed")


# shutdown/1 in a restart of the group
@pytest.mark.parametrize("shutdown", [1.0, "brutal_kill"])
async def test_a_group_is_restarted_when_the_one_that_hangs_was_killed(shutdown: Any) -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        hanging = world.worker("b").shutdown(shutdown)
        sup = await world.tree(
            system, world.worker("a"), hanging, world.worker("c"), strategy="one_for_all"
        )
        await busy(world, "b")
        world.refs["a"].tell(Crash())
        await jump(clock, 0.5)
        if shutdown != "brutal_kill":
            assert world.since() == [("stop", "a", "failed"), ("stop", "c", "shutdown")]
            await jump(clock, 0.6)
        else:
            world.since()
        await settle(system)
        assert await states(sup) == dict.fromkeys("abc", "running")
        assert world.since()[-3:] == [("start", i) for i in "abc"] or shutdown == "brutal_kill"


# sup_stop_race: children that end by themselves, for reasons of their own, during the shutdown
@pytest.mark.parametrize("restart", ["permanent", "transient", "temporary"])
async def test_a_child_that_ends_during_the_shutdown_is_not_restarted(restart: Any) -> None:
    gate = anyio.Event()
    async with running() as (world, system):
        others = [world.worker(ident).restart(restart) for ident in "bc"]
        last = world.worker("z", stopping=gate.wait)
        sup = await world.tree(system, world.worker("a"), *others, last)
        refs = dict(world.refs)
        sup.stop()
        await turns()
        refs["b"].tell(Crash())
        refs["c"].stop()
        await turns(40)
        gate.set()
        await sup.stopped()
        events = world.since()
        assert [event for event in events if event[0] == "start"] == []
        assert {event[1] for event in events} == {"a", "b", "c", "z", "top"}
        assert events[-2:] == [("stop", "a", "shutdown"), ("stop", "top", "normal")]
        assert await refs["c"].stopped() == Normal()


# terminate_child of one that hangs, and the supervisor's other children meanwhile
async def test_a_child_that_ends_slowly_holds_up_nobody_else() -> None:
    """OTP's supervisor waits for it; ours answers others meanwhile."""
    gate = anyio.Event()
    async with running() as (world, system):
        slow = world.worker("slow", stopping=gate.wait).shutdown("infinity")
        sup = await world.tree(system, slow, world.worker("a"))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(sup.ask, TerminateChild("slow"))
            await turns()
            assert (await states(sup))["slow"] == "stopping"
            world.refs["a"].tell(Crash())
            await turns(40)
            assert world.since() == [("stop", "a", "failed"), ("start", "a")]
            gate.set()
        assert await states(sup) == {"slow": "stopped", "a": "running"}


# child that dies while it is being terminated: shutdown/1 takes any reason
async def test_a_child_that_fails_in_its_post_stop_is_terminated_all_the_same() -> None:
    async def fail() -> None:
        await anyio.lowlevel.checkpoint()
        raise RuntimeError("in post_stop")

    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a", stopping=fail), intensity=0)
        await sup.ask(TerminateChild("a"))
        await settle(system)
        assert await states(sup) == {"a": "stopped"}


# hanging_restart_loop, hanging_restart_loop_simple: a child between two incarnations
@pytest.mark.parametrize("dynamic", [False, True])
async def test_a_child_that_waits_for_its_restart_can_be_asked_about_and_terminated(
    dynamic: bool,
) -> None:
    async with running() as (world, system):
        child = world.worker("a").restart("permanent").backoff(Backoff(first=60.0, cap=60.0))
        sup = system.spawn(world.dynamic("sup")) if dynamic else await world.tree(system)
        await sup.ask(StartChild(child))
        ref = world.refs["a"]
        await world.crash(system, "a")
        assert await states(sup) == {"a": "restarting"}
        assert await counts(sup) == (1, 0, 0, 1)
        with pytest.raises(NameTaken):
            await sup.ask(StartChild(child))
        if not dynamic:
            for request in (RestartChild("a"), DeleteChild("a")):
                with pytest.raises(Refused) as caught:
                    await sup.ask(request)
                assert caught.value.payload == "restarting"
        await sup.ask(TerminateChild("a"))
        assert await states(sup) == ({} if dynamic else {"a": "stopped"})
        await ref.stopped()


# hanging_restart_loop: "Terminating supervisor"
async def test_a_supervisor_ends_while_a_child_waits_for_its_restart() -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        late = world.worker("b").backoff(Backoff(first=60.0, cap=60.0))
        sup = await world.tree(system, world.worker("a"), late)
        ref = world.refs["b"]
        await world.crash(system, "b")
        sup.stop()
        await sup.stopped()
        assert world.since() == [("stop", "a", "shutdown"), ("stop", "top", "normal")]
        await ref.stopped()
        await advance(system, clock, 120.0)
        assert world.since() == []


# hanging_restart_loop_rest_for_one: those behind the failed one are down meanwhile
async def test_rest_for_one_with_a_backoff_restarts_the_rest_with_the_failed_one() -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        backoff = Backoff(first=60.0, cap=60.0, jitter=0.0)
        middle = world.worker("b").backoff(backoff)
        sup = await world.tree(
            system, world.worker("a"), middle, world.worker("c"), strategy="rest_for_one"
        )
        await world.crash(system, "b")
        assert (await states(sup))["a"] == "running"
        assert (await states(sup))["b"] == "restarting"
        await advance(system, clock, 61.0)
        assert await states(sup) == dict.fromkeys("abc", "running")
        assert world.since()[-2:] == [("start", "b"), ("start", "c")]


# simple_one_for_one_shutdown, sup_stop_timeout_dynamic, sup_stop_brutal_kill_dynamic
async def test_dynamic_children_are_all_stopped_each_within_its_time() -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        sup = system.spawn(world.dynamic("sup"))
        times: dict[str, Any] = {"a": 5.0, "b": 1.0, "c": "brutal_kill"}
        for ident, shutdown in times.items():
            await sup.ask(StartChild(world.worker(ident).shutdown(shutdown)))
        await busy(world, "b")
        world.since()
        sup.stop()
        await jump(clock, 1.1)
        await sup.stopped()
        events = world.since()
        assert events[-1] == ("stop", "sup", "normal")
        assert sorted(events[:-1]) == [
            ("stop", "a", "shutdown"),
            ("stop", "b", "killed"),
            ("stop", "c", "killed"),
        ]


# sup_stop_non_shutdown_exit_dynamic: whatever they end with is no restart
async def test_dynamic_children_that_fail_during_the_shutdown_are_not_restarted() -> None:
    async def fail() -> None:
        raise RuntimeError("in post_stop")

    async with running() as (world, system):
        sup = system.spawn(world.dynamic("sup"))
        for restart in ("permanent", "transient", "temporary"):
            child = world.worker(restart, stopping=fail).restart(restart)
            await sup.ask(StartChild(child))
        world.since()
        sup.stop()
        await sup.stopped()
        await settle(system)
        assert world.since() == [("stop", "sup", "normal")]


# terminate_children/2 of a branch: a supervisor has all the time its children need
async def test_a_branch_is_stopped_from_its_leaves() -> None:
    gate = anyio.Event()
    clock = VirtualClock()
    async with running(clock) as (world, system):
        slow = world.worker("b", stopping=gate.wait).shutdown("infinity")
        branch = world.sup("s", world.worker("a"), slow)
        sup = await world.tree(system, branch, world.worker("c"))
        sup.stop()
        await jump(clock, HOUR)
        assert world.since() == [("stop", "c", "shutdown")]
        gate.set()
        await sup.stopped()
        ends = ["b", "a", "s"]
        assert world.since() == [
            *(("stop", i, "shutdown") for i in ends),
            ("stop", "top", "normal"),
        ]


# exit(Sup, shutdown) while it starts its children: init/1 goes on, then all are stopped
async def test_a_supervisor_that_is_stopped_while_it_starts_takes_its_children_along() -> None:
    gate = anyio.Event()
    async with running() as (world, system):
        slow = world.worker("b", starting=gate.wait)
        sup = system.spawn(world.sup("sup", world.worker("a"), slow, world.worker("c")))
        await turns(40)
        sup.stop()
        await turns(40)
        gate.set()
        await sup.stopped()
        events = world.since()
        started = [event[1] for event in events if event[0] == "start"]
        stopped = [event[1] for event in events if event[0] == "stop"]
        assert stopped == [ident for ident in reversed(started) if ident != "sup"] + ["sup"]

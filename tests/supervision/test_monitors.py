"""Monitors of actors that are restarted: one `Down` an incarnation, one that is the last.

OTP's monitors watch a process; ours watch a slot over its restarts, so that the cases of OTP
(process_SUITE and monitor_SUITE: a monitor set in each state of its target; gen_server_SUITE and
gen_statem_SUITE: what the monitor of a server sees of each way to end it) are asked of each
incarnation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    AnyRef,
    Backoff,
    Down,
    Failed,
    Killed,
    Normal,
    RestartChild,
    Shutdown,
    StartChild,
    TerminateChild,
    on,
)
from tests.supervision.kit import Call, Crash, Leave, Work, running, settle
from tests.virtual import VirtualClock, advance, turns

pytestmark = pytest.mark.anyio

WatcherMsg: TypeAlias = Call | Down
Watching: TypeAlias = "ActorRef[WatcherMsg]"


class Watcher(Actor[WatcherMsg]):
    """Writes down what it is told of others."""

    def __init__(self, seen: list[Down]) -> None:
        self.seen = seen

    @on(Call)
    def call(self, msg: Call) -> object:
        result: object = msg.fn(self)
        return result

    @on(Down)
    def down(self, msg: Down) -> None:
        self.seen.append(msg)

    initial = call | down


async def watch(system: ActorSystem, *targets: AnyRef) -> list[Down]:
    """Monitor these; what is told of them will be in the list."""
    seen: list[Down] = []
    watcher = system.spawn(Watcher, seen)
    for target in targets:
        await watcher.ask(Call(monitoring(target)))
    return seen


def monitoring(target: AnyRef) -> Callable[[Any], object]:
    return lambda actor: actor.monitor(target)


def told(seen: list[Down]) -> list[tuple[str, int, bool]]:
    """Reason, incarnation, and whether another one follows."""
    return [(type(down.reason).__name__, down.incarnation, down.restarting) for down in seen]


# each way to end, for each restart type
@pytest.mark.parametrize(
    ("restart", "message", "expected"),
    [
        ("permanent", Crash(), ("Failed", 1, True)),
        ("permanent", Leave(), ("Normal", 1, True)),
        ("transient", Crash(), ("Failed", 1, True)),
        ("transient", Leave(), ("Normal", 1, False)),
        ("temporary", Crash(), ("Failed", 1, False)),
        ("temporary", Leave(), ("Normal", 1, False)),
    ],
    ids=lambda value: str(value),
)
async def test_a_down_tells_whether_another_incarnation_follows(
    restart: Any, message: Any, expected: tuple[str, int, bool]
) -> None:
    async with running() as (world, system):
        await world.tree(system, world.worker("a").restart(restart))
        seen = await watch(system, world.refs["a"])
        world.refs["a"].tell(message)
        await settle(system)
        assert told(seen) == [expected]
        assert seen[0].ref == world.refs["a"]


async def test_a_monitor_goes_on_over_restarts_until_the_slot_is_over() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"), intensity=2)
        seen = await watch(system, world.refs["a"])
        for _ in range(3):
            await world.crash(system, "a")
        await sup.stopped()
        await settle(system)
        last = seen[-1]
        assert told(seen)[:2] == [("Failed", 1, True), ("Failed", 2, True)]
        assert [down.restarting for down in seen].count(False) == 1
        assert last.restarting is False
        assert last.incarnation == 3


async def test_a_child_that_is_stopped_with_its_group_is_shut_down_and_follows() -> None:
    async with running() as (world, system):
        quiet = world.worker("b").shutdown("brutal_kill")
        await world.tree(
            system, world.worker("a"), quiet, world.worker("c"), strategy="one_for_all"
        )
        seen = await watch(system, world.refs["b"], world.refs["c"])
        await world.crash(system, "a")
        assert sorted(told(seen)) == [("Killed", 1, True), ("Shutdown", 1, True)]


async def test_a_temporary_child_that_is_forgotten_with_its_group_gives_its_last_down() -> None:
    async with running() as (world, system):
        temporary = world.worker("b").restart("temporary")
        await world.tree(system, world.worker("a"), temporary, strategy="one_for_all")
        seen = await watch(system, world.refs["b"])
        await world.crash(system, "a")
        assert told(seen) == [("Shutdown", 1, False)]


async def test_a_terminated_child_gives_its_last_down_and_its_successor_is_another() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"))
        old = world.refs["a"]
        seen = await watch(system, old)
        await sup.ask(TerminateChild("a"))
        await sup.ask(RestartChild("a"))
        await settle(system)
        assert told(seen) == [("Shutdown", 1, False)]
        later = await watch(system, old)
        await settle(system)
        assert told(later) == [("Shutdown", 1, False)]


# an incarnation counts from the attempt to construct it
async def test_starts_that_fail_are_incarnations_of_their_own() -> None:
    async with running() as (world, system):
        await world.tree(system, world.worker("a"), intensity=5)
        seen = await watch(system, world.refs["a"])
        world.failing["a"] = 2
        await world.crash(system, "a")
        expected = [("Failed", 1, True), ("Failed", 2, True), ("Failed", 3, True)]
        assert told(seen) == expected
        await world.crash(system, "a")
        assert told(seen) == [*expected, ("Failed", 4, True)]


# -- set in each state of the target -----------------------------------------------------------


async def test_a_monitor_set_before_the_start_sees_the_end() -> None:
    async with running() as (world, system):
        target = system.spawn(world.worker("a"))
        seen = await watch(system, target)
        target.tell(Leave())
        await settle(system)
        assert told(seen) == [("Normal", 1, False)]


async def test_a_monitor_set_while_the_target_starts_sees_the_end() -> None:
    gate = anyio.Event()
    async with running() as (world, system):
        target = system.spawn(world.worker("a", starting=gate.wait))
        await turns()
        seen = await watch(system, target)
        target.stop()
        await turns()
        assert seen == []
        gate.set()
        await target.stopped()
        await settle(system)
        assert told(seen) == [("Normal", 1, False)]


async def test_a_monitor_set_while_the_target_handles_a_message_sees_the_end() -> None:
    gate = anyio.Event()
    async with running() as (world, system):
        await world.tree(system, world.worker("a"))
        world.refs["a"].tell(Work(gate.wait))
        await turns()
        seen = await watch(system, world.refs["a"])
        world.refs["a"].tell(Crash())
        gate.set()
        await settle(system)
        assert told(seen) == [("Failed", 1, True)]


async def test_a_monitor_set_while_the_target_stops_sees_the_end() -> None:
    gate = anyio.Event()
    async with running() as (world, system):
        target = system.spawn(world.worker("a", stopping=gate.wait))
        await target.started()
        target.stop()
        await turns()
        seen = await watch(system, target)
        assert seen == []
        gate.set()
        await target.stopped()
        await settle(system)
        assert told(seen) == [("Normal", 1, False)]


async def test_a_monitor_set_while_the_target_waits_for_its_restart_sees_the_next_end() -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        backoff = Backoff(first=10.0, cap=10.0, jitter=0.0)
        await world.tree(system, world.worker("a").backoff(backoff), intensity=5)
        await world.crash(system, "a")
        seen = await watch(system, world.refs["a"])
        await settle(system)
        assert seen == []
        await advance(system, clock, 10.5)
        await world.crash(system, "a")
        assert told(seen) == [("Failed", 2, True)]


# exactly one with restarting=False, "also when the slot is given up during backoff"
@pytest.mark.parametrize("how", ["terminate", "stop", "supervisor"])
async def test_a_slot_that_is_given_up_while_it_waits_gives_its_last_down(how: str) -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        sup = await world.tree(system, world.worker("a").backoff(Backoff(first=10.0, cap=10.0)))
        target = world.refs["a"]
        seen = await watch(system, target)
        await world.crash(system, "a")
        late = await watch(system, target)
        if how == "terminate":
            await sup.ask(TerminateChild("a"))
        elif how == "stop":
            target.stop()
        else:
            sup.stop()
        await settle(system)
        assert told(seen) == [("Failed", 1, True), ("Failed", 1, False)]
        assert told(late) == [("Failed", 1, False)]


async def test_a_monitor_set_when_the_target_is_over_is_told_at_once() -> None:
    async with running() as (world, system):
        target = system.spawn(world.worker("a"))
        target.tell(Crash())
        reason = await target.stopped()
        seen = await watch(system, target)
        await settle(system)
        assert told(seen) == [("Failed", 1, False)]
        assert isinstance(reason, Failed)


async def test_a_monitor_of_a_child_that_ignores_its_shutdown_sees_the_kill() -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        sup = await world.tree(system, world.worker("a").shutdown(1.0))
        target = world.refs["a"]
        target.tell(Work(anyio.sleep_forever))
        await turns()
        seen = await watch(system, target)
        sup.stop()
        await turns()
        clock.jump(1.1)
        await turns(40)
        await settle(system)
        assert told(seen) == [("Killed", 1, False)]


# -- supervisors are monitored like others -----------------------------------------------------


async def test_a_supervisor_that_gives_up_or_ends_is_told_of_as_any_actor() -> None:
    async with running() as (world, system):
        inner = world.sup("s", world.worker("a"), intensity=0)
        sup = await world.tree(system, inner, intensity=1)
        seen = await watch(system, world.refs["s"], sup)
        await world.crash(system, "a")
        assert told(seen) == [("Failed", 1, True)]
        assert isinstance(seen[0].reason, Failed)
        assert seen[0].reason.error_type == "RestartIntensityExceeded"
        sup.stop()
        await settle(system)
        assert sorted(told(seen[1:])) == [("Normal", 1, False), ("Shutdown", 2, False)]


# declared children of a restarted supervisor keep their slots
async def test_a_child_of_a_restarted_supervisor_follows_with_it() -> None:
    async with running() as (world, system):
        inner = world.sup("s", world.worker("a"), world.worker("b"), intensity=0)
        await world.tree(system, inner)
        await world.refs["s"].ask(StartChild(world.worker("added")))
        refs = [world.refs[ident] for ident in ("a", "b", "added")]
        seen = await watch(system, *refs)
        await world.crash(system, "a")
        by_path = {down.path.rsplit("/", 1)[-1]: down for down in seen}
        assert len(seen) == 3
        assert by_path["b"].reason == Shutdown()
        assert by_path["b"].restarting
        assert by_path["a"].restarting
        assert not by_path["added"].restarting


async def test_the_downs_of_a_group_come_in_the_order_of_their_ends() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, *map(world.worker, "abc"))
        seen = await watch(system, *(world.refs[i] for i in "abc"), sup)
        sup.stop()
        await settle(system)
        assert [down.path.rsplit("/", 1)[-1] for down in seen] == ["c", "b", "a", "top"]
        assert [down.reason for down in seen] == [*[Shutdown()] * 3, Normal()]


# the watcher's own restart ends its monitors (OTP: they belong to the process)
async def test_a_monitor_ends_with_the_incarnation_that_set_it() -> None:
    async with running() as (world, system):
        await world.tree(system, world.worker("watcher"), world.worker("target"), intensity=5)
        target = world.refs["target"]
        watcher = world.refs["watcher"]
        await watcher.ask(Call(lambda me: me.monitor(target, via=lambda down: Crash())))
        await world.crash(system, "watcher")
        events = await world.crash(system, "target")
        assert events == [("stop", "target", "failed"), ("start", "target")]


async def test_a_killed_child_that_comes_back_was_killed_once() -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        hanging = world.worker("b").shutdown(1.0)
        await world.tree(system, world.worker("a"), hanging, strategy="one_for_all")
        target = world.refs["b"]
        target.tell(Work(anyio.sleep_forever))
        await turns()
        seen = await watch(system, target)
        world.refs["a"].tell(Crash())
        await turns()
        clock.jump(1.1)
        await turns(40)
        await settle(system)
        assert told(seen) == [("Killed", 1, True)]
        assert seen[0].reason == Killed()
        await target.ask(Call(lambda me: None))

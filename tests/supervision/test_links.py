"""Links: two incarnations that end together, unless one of them traps exits.

After process_SUITE (link/1, unlink/1, the exit signals), gen_server_SUITE and gen_statem_SUITE
(what a linked server does at the end of its partner, trapping and not), and supervisor_SUITE:
child_unlink. A link binds incarnations: it does not come back with a restart.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorStopped,
    ActorSystem,
    AnyRef,
    Exit,
    Failed,
    Normal,
    Shutdown,
    TerminateChild,
    on,
)
from tests.supervision.kit import Call, Crash, Leave, running, settle, states
from tests.virtual import turns

pytestmark = pytest.mark.anyio

TrapperMsg: TypeAlias = Call | Exit | Leave


class Trapper(Actor[TrapperMsg]):
    """Is told of the ends of those it is linked to."""

    trap_exits = True

    def __init__(self, seen: list[Exit]) -> None:
        self.seen = seen

    @on(Call)
    def call(self, msg: Call) -> object:
        result: object = msg.fn(self)
        return result

    @on(Leave)
    def leave(self, msg: Leave) -> None:
        self.stop()

    @on(Exit)
    def exited(self, msg: Exit) -> None:
        self.seen.append(msg)

    initial = call | leave | exited


def linking(target: AnyRef) -> Call:
    return Call(lambda actor: actor.link(target))


def unlinking(target: AnyRef) -> Call:
    return Call(lambda actor: actor.unlink(target))


async def pair(system: ActorSystem, world: Any) -> tuple[Any, Any]:
    """Two workers without a supervisor, linked."""
    one, other = (system.spawn(world.worker(ident)) for ident in "ab")
    await other.started()
    await one.ask(linking(other))
    world.since()
    return one, other


# process_SUITE: link/1 is symmetric
@pytest.mark.parametrize("dying", ["a", "b"])
async def test_an_abnormal_end_takes_the_linked_actor_along(dying: str) -> None:
    async with running() as (world, system):
        await pair(system, world)
        events = await world.crash(system, dying)
        other = "b" if dying == "a" else "a"
        assert events[0] == ("stop", dying, "failed")
        assert events[1][:2] == ("stop", other)
        assert events[1][2] != "normal"


# process_SUITE: exit reason normal is ignored by who does not trap
@pytest.mark.parametrize("dying", ["a", "b"])
async def test_a_normal_end_leaves_the_linked_actor_alone(dying: str) -> None:
    async with running() as (world, system):
        await pair(system, world)
        assert await world.leave(system, dying) == [("stop", dying, "normal")]


# shutdown is not normal
async def test_a_shutdown_takes_the_linked_actor_along() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("child"))
        friend = system.spawn(world.worker("friend"))
        await friend.ask(linking(world.refs["child"]))
        world.since()
        await sup.ask(TerminateChild("child"))
        await settle(system)
        events = world.since()
        assert events[0] == ("stop", "child", "shutdown")
        assert events[1][:2] == ("stop", "friend")


@pytest.mark.parametrize(
    ("end", "reason"), [(Crash(), Failed), (Leave(), Normal)], ids=["crash", "leave"]
)
async def test_who_traps_exits_is_told_of_any_end_and_goes_on(end: Any, reason: type[Any]) -> None:
    async with running() as (world, system):
        seen: list[Exit] = []
        trapper = system.spawn(Trapper, seen)
        target = system.spawn(world.worker("a"))
        await trapper.ask(linking(target))
        target.tell(end)
        await settle(system)
        assert [(one.ref, type(one.reason)) for one in seen] == [(target, reason)]
        await trapper.ask(Call(lambda actor: None))


class Adapting(Actor[Call | Leave]):
    """Traps exits, and has them as messages of its own."""

    trap_exits = True

    def __init__(self, target: AnyRef) -> None:
        self.link(target, via=lambda _: Leave())

    @on(Call)
    def call(self, msg: Call) -> object:
        result: object = msg.fn(self)
        return result

    @on(Leave)
    def leave(self, msg: Leave) -> None:
        self.stop()

    initial = call | leave


async def test_via_makes_a_message_of_the_actors_own() -> None:
    async with running() as (world, system):
        target = system.spawn(world.worker("a"))
        other = system.spawn(Adapting, target)
        await other.ask(Call(lambda _: None))
        await world.crash(system, "a")
        assert await other.stopped() == Normal()


# process_SUITE: unlink/1 from either side
@pytest.mark.parametrize("side", [0, 1])
async def test_an_unlinked_actor_is_left_alone(side: int) -> None:
    async with running() as (world, system):
        both = await pair(system, world)
        await both[side].ask(unlinking(both[1 - side]))
        assert await world.crash(system, "a") == [("stop", "a", "failed")]


async def test_two_links_are_one() -> None:
    async with running() as (world, system):
        one, other = await pair(system, world)
        await one.ask(linking(other))
        await other.ask(linking(one))
        await one.ask(unlinking(other))
        assert await world.crash(system, "a") == [("stop", "a", "failed")]


# process_SUITE: link/1 to a dead process is an exit signal noproc
async def test_a_link_to_what_is_over_ends_who_made_it() -> None:
    async with running() as (world, system):
        gone = system.spawn(world.worker("gone"))
        gone.tell(Crash())
        await gone.stopped()
        one = system.spawn(world.worker("a"))
        await one.started()
        world.since()
        try:
            await one.ask(linking(gone))
        except ActorStopped:
            pass
        await settle(system)
        assert world.since()[-1][:2] == ("stop", "a")


async def test_who_traps_exits_is_told_at_once_that_the_other_is_over() -> None:
    async with running() as (world, system):
        seen: list[Exit] = []
        trapper = system.spawn(Trapper, seen)
        gone = system.spawn(world.worker("gone"))
        gone.tell(Crash())
        await gone.stopped()
        await trapper.ask(linking(gone))
        await settle(system)
        assert [one.ref for one in seen] == [gone]


# a chain of links dies as one
async def test_an_end_goes_through_a_chain_and_a_cycle_of_links() -> None:
    async with running() as (world, system):
        refs = [system.spawn(world.worker(ident)) for ident in "abcd"]
        for one, other in zip(refs, [*refs[1:], refs[0]], strict=True):
            await one.ask(linking(other))
        world.since()
        events = await world.crash(system, "b")
        assert sorted(event[1] for event in events) == ["a", "b", "c", "d"]


# -- with supervisors ----------------------------------------------------------------------------


# an exit signal is an abnormal end: permanent and transient children are restarted
@pytest.mark.parametrize(
    ("restart", "after"),
    [("permanent", {"b": "running"}), ("transient", {"b": "running"}), ("temporary", {})],
)
async def test_a_child_that_is_taken_along_is_restarted_as_after_a_failure(
    restart: Any, after: dict[str, str]
) -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("b").restart(restart))
        other = system.spawn(world.worker("a"))
        await other.ask(linking(world.refs["b"]))
        await world.crash(system, "a")
        assert await states(sup) == after


# a link binds two incarnations
async def test_a_link_does_not_come_back_with_a_restart() -> None:
    async with running() as (world, system):
        await world.tree(system, world.worker("a"), world.worker("b"), intensity=10)
        await world.refs["a"].ask(linking(world.refs["b"]))
        world.since()
        events = await world.crash(system, "a")
        assert sorted(events) == [
            ("start", "a"),
            ("start", "b"),
            ("stop", "a", "failed"),
            ("stop", "b", events[1][2]),
        ]
        assert await world.crash(system, "a") == [("stop", "a", "failed"), ("start", "a")]


# sup_stop_race: the exit of a linked one during the shutdown changes nothing
async def test_a_linked_actor_that_ends_during_a_shutdown_is_not_restarted() -> None:
    gate = anyio.Event()
    async with running() as (world, system):
        sup = await world.tree(
            system, world.worker("a"), world.worker("b"), world.worker("z", stopping=gate.wait)
        )
        await world.refs["a"].ask(linking(world.refs["b"]))
        sup.stop()
        await turns()
        world.refs["a"].tell(Crash())
        await turns(40)
        gate.set()
        assert await sup.stopped() == Normal()
        assert [event for event in world.since() if event[0] == "start"] == []


# child_unlink: ownership is no link
async def test_a_child_cannot_unlink_itself_from_its_supervisor() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"))
        target = world.refs["a"]
        await target.ask(unlinking(sup))
        sup.stop()
        await sup.stopped()
        assert await target.stopped() == Shutdown()

"""What becomes of a slot, and of what waits in it, when several ends meet."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import ActorSystem, Backoff, Bounded, Props, Supervisor, WhichChildren, props
from airssys_rt.kernel.ending import kill
from tests.runtime.kit import Do, DoAsync, Note, Script, ScriptMsg, cell, collect, engine, raises
from tests.runtime.kit import hang as hang_there
from tests.supervision.kit import settle
from tests.virtual import VirtualClock, turns

pytestmark = pytest.mark.anyio

BOOM = Do(raises(RuntimeError("boom")))


def lasting(log: list[object] | None = None, restart: Any = "permanent", **hooks: Any) -> Any:
    made: Props[ScriptMsg] = props(Script, log, **hooks).restart(restart)
    return made


def put_aside(log: list[object]) -> Do:
    """A message that the first incarnation stashes, and the next one writes down."""

    def handle(actor: Script) -> None:
        if cell(actor.ref).incarnation == 1:
            actor.stash()
        else:
            log.append("stashed")

    return Do(handle)


def stop_and_fail(actor: Script) -> None:
    actor.stop()
    raise RuntimeError("boom")


async def slowly(*_: object) -> None:
    await anyio.sleep(0.001)


@pytest.mark.parametrize("bound", [None, Bounded(9), Bounded(9, overflow="drop_oldest")])
@pytest.mark.parametrize("options", [{}, {"debug": True}, {"max_queued": 99}])
@pytest.mark.parametrize("stopping", [None, slowly])
async def test_what_a_failing_handler_put_next_is_the_next_incarnations(
    options: dict[str, Any], bound: Bounded | None, stopping: Any
) -> None:
    log: list[object] = []

    def put_next(actor: Script) -> None:
        actor.next(Note("next"))
        actor.next(Note("second"))
        raise RuntimeError("boom")

    async with ActorSystem("ends", **options) as system:
        letters = collect(system)
        make = lasting(log, stopping=stopping)
        ref = system.spawn(make if bound is None else make.mailbox(bound))
        await ref.started()
        for message in (put_aside(log), Do(put_next), Note("after")):
            ref.tell(message)
        await settle(system)
        assert log == ["stashed", "next", "second", "after"]
        assert [letter.reason for letter in letters] == ["failed"]
        limits = engine(system).limits
        assert limits is None or limits.queued == 0


async def test_what_post_stop_unstashes_is_the_next_incarnations() -> None:
    log: list[object] = []

    def unstash(actor: Script, _reason: object) -> None:
        actor.unstash_all()

    async with ActorSystem("ends") as system:
        ref = system.spawn(lasting(log, stopping=unstash))
        for message in (put_aside(log), BOOM, Note("after")):
            ref.tell(message)
        await settle(system)
        assert log == ["stashed", "after"]


@pytest.mark.parametrize("stopping", [None, slowly])
@pytest.mark.parametrize(("restart", "life"), [("permanent", "running"), ("transient", "dead")])
async def test_who_stops_and_fails_at_once_ends_once(
    restart: str, life: str, stopping: Any
) -> None:
    async with ActorSystem("ends") as system:
        ref = system.spawn(lasting(None, restart, stopping=stopping))
        ref.tell(Do(stop_and_fail))
        await settle(system)
        assert cell(ref).life == life
        assert cell(ref).incarnation == (2 if life == "running" else 1)


async def test_two_stops_of_a_permanent_actor_end_one_incarnation() -> None:
    async with ActorSystem("ends") as system:
        ref = system.spawn(lasting())
        await ref.started()
        ref.stop()
        ref.stop()
        await settle(system)
        assert (cell(ref).life, cell(ref).incarnation) == ("running", 2)


async def test_a_child_that_fails_as_its_group_stops_keeps_its_slot() -> None:
    async with ActorSystem("ends") as system:
        children = [lasting().named("a"), lasting().named("b")]
        sup = system.spawn(props(Supervisor, children, strategy="one_for_all"))
        between = system.spawn(Script)
        await sup.started()
        refs: list[Any] = [info.ref for info in await sup.ask(WhichChildren())]
        a, b = refs
        await settle(system)
        a.tell(BOOM)
        # so that b has failed, and not yet ended, when its supervisor stops it
        between.tell(Do(lambda _: b.tell(BOOM)))
        await settle(system)
        assert [info.ref for info in await sup.ask(WhichChildren())] == [a, b]
        assert (cell(b).life, cell(b).incarnation) == ("running", 2)


async def test_a_killed_supervisor_keeps_the_slots_that_were_down_already() -> None:
    clock = VirtualClock()
    async with ActorSystem("ends", clock=clock) as system:
        inner = [lasting().named("x"), lasting().named("y")]
        below = props(Supervisor, inner).named("below").shutdown(1.0)
        children: list[Props[Any]] = [lasting().named("a"), below]
        sup = system.spawn(props(Supervisor, children, strategy="one_for_all"))
        await sup.started()
        a: Any
        sub: Any
        a, sub = [info.ref for info in await sup.ask(WhichChildren())]
        before: Any = [info.ref for info in await sub.ask(WhichChildren())]
        before[0].tell(DoAsync(hang_there))
        await turns()
        a.tell(BOOM)
        await turns()
        assert cell(before[1]).life == "down"  # and x holds its supervisor up
        clock.jump(1.0)
        await turns()
        await settle(system)
        assert [info.ref for info in await sub.ask(WhichChildren())] == before
        assert [cell(ref).life for ref in before] == ["running", "running"]


async def test_a_slot_does_not_come_back_while_its_supervisor_ends() -> None:
    clock = VirtualClock()
    async with ActorSystem("ends", clock=clock) as system:
        slow = Backoff(first=10.0, cap=10.0)
        below = props(Supervisor, [lasting().named("a").backoff(slow)]).named("below")
        above = system.spawn(props(Supervisor, [below.backoff(slow)]))
        await above.started()
        refs: list[Any] = [info.ref for info in await above.ask(WhichChildren())]
        sub = refs[0]
        inner: list[Any] = [info.ref for info in await sub.ask(WhichChildren())]
        inner[0].tell(BOOM)
        await settle(system)
        overseer = cell(sub).more.overseer
        kill(cell(sub))  # which ends in its next step, before the restart that is due
        cell(inner[0]).signal("revive", overseer)
        await settle(system)
        assert [cell(ref).life for ref in (sub, inner[0])] == ["down", "down"]

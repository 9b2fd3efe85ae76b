"""What a supervisor does when several things happen to its children at once."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import (
    ActorStopped,
    ActorSystem,
    Backoff,
    BadArgument,
    ChildInfo,
    CountChildren,
    DeleteChild,
    DynamicSupervisor,
    Name,
    Props,
    RestartChild,
    StartChild,
    Supervisor,
    TerminateChild,
    WhichChildren,
    props,
)
from airssys_rt.kernel.ending import give_up
from airssys_rt.kernel.ref import ActorRef
from airssys_rt.kernel.waits import Call
from tests.runtime.kit import (
    Do,
    Get,
    GetAsync,
    Note,
    Script,
    ScriptMsg,
    cell,
    engine,
    raises,
    until,
)
from tests.supervision.kit import settle
from tests.virtual import VirtualClock, advance

pytestmark = pytest.mark.anyio

BOOM = Do(raises(RuntimeError("boom")))
SLOW = Backoff(first=10.0, cap=10.0, jitter=0.0)
# Any throughout: refs of supervisors and of scripts


def lasting(name: str, **hooks: Any) -> Props[ScriptMsg]:
    return props(Script, **hooks).restart("permanent").named(name)


def put(ref: Any, message: Any) -> Call:
    """Ask, and do not wait."""
    call = Call(message, cell(ref), None)
    ref.submit(call)
    return call


async def infos(sup: Any) -> dict[str, ChildInfo]:
    children: tuple[ChildInfo, ...] = await sup.ask(WhichChildren())
    return {info.id: info for info in children}


async def states(sup: Any) -> list[str]:
    return [info.state for info in (await infos(sup)).values()]


async def group(system: ActorSystem, *children: Props[Any], intensity: int = 9) -> list[Any]:
    """A supervisor of a group, and its children."""
    make = props(Supervisor, children, strategy="one_for_all", intensity=intensity)
    sup = system.spawn(make)
    await sup.started()
    await settle(system)
    return [sup, *(info.ref for info in (await infos(sup)).values())]


async def test_a_child_may_be_stopped_with_its_group_before_it_is_constructed() -> None:
    async with ActorSystem("plans") as system:
        sup, a = await group(system, lasting("a"))
        between = system.spawn(Script)
        await settle(system)
        calls: list[Call] = []
        a.tell(BOOM)
        between.tell(Do(lambda _: calls.append(put(sup, StartChild(lasting("b"))))))
        await until(lambda: calls and calls[0].done)
        assert await states(sup) == ["running", "running"]


async def test_who_terminates_a_child_whose_group_restarts_is_answered() -> None:
    async with ActorSystem("plans") as system:
        sup, _, a = await group(system, lasting("b"), lasting("a"))
        a.tell(BOOM)
        call = put(sup, TerminateChild("b"))
        await settle(system)
        assert call.done


async def test_a_child_that_stops_in_its_pre_start_has_started() -> None:
    def leave(actor: Script) -> None:
        actor.stop()

    async with ActorSystem("plans") as system:
        pool = system.spawn(DynamicSupervisor)
        job = await pool.ask(StartChild(props(Script, starting=leave).restart("temporary")))
        await job.stopped()
        brief = props(Script, starting=leave).restart("transient")
        sup, *_ = await group(system, brief, lasting("b"))
        assert await states(sup) == ["stopped", "running"]


@pytest.mark.parametrize("request_type", [TerminateChild, DeleteChild, RestartChild])
async def test_a_terminated_child_that_fails_with_its_group_is_restarting(
    request_type: Any,
) -> None:
    clock = VirtualClock()
    starts: list[object] = []

    def start(actor: Script) -> None:
        starts.append(actor)
        if len(starts) == 2:
            raise RuntimeError("boom")

    async with ActorSystem("plans", clock=clock) as system:
        sup, a, _ = await group(system, lasting("a"), lasting("b", starting=start).backoff(SLOW))
        await sup.ask(TerminateChild("b"))
        a.tell(BOOM)
        await settle(system)
        assert await states(sup) == ["running", "restarting"]
        call = put(sup, request_type("b"))
        await settle(system)
        await advance(system, clock, 20.0)
        if request_type is TerminateChild:
            assert await states(sup) == ["running", "stopped"]
        else:
            assert str(call.value) == "restarting"
            assert await states(sup) == ["running", "running"]


async def test_a_child_that_cannot_be_spawned_with_its_group_spends_the_intensity() -> None:
    NAME = Name[ScriptMsg]("plan-taken")
    async with ActorSystem("plans") as system:
        sup, a, _ = await group(system, lasting("a"), props(Script).named(NAME), intensity=2)
        await sup.ask(TerminateChild(NAME.text))
        system.spawn(props(Script).named(NAME))
        a.tell(BOOM)
        assert "NameTaken" in str(await sup.stopped())


async def test_a_dynamic_supervisor_refuses_what_is_no_props() -> None:
    async with ActorSystem("plans") as system:
        pool = system.spawn(DynamicSupervisor)
        wrong: Any = Script
        with pytest.raises(BadArgument, match="a child"):
            await pool.ask(StartChild(wrong))
        assert (await pool.ask(CountChildren())).specs == 0


async def test_a_backoff_that_is_not_waited_for_any_more_leaves_no_timer() -> None:
    clock = VirtualClock()
    async with ActorSystem("plans", clock=clock) as system:
        sup, a = await group(system, lasting("a").backoff(SLOW))
        a.tell(BOOM)
        await settle(system)
        assert len(engine(system).timers) == 1
        await sup.ask(TerminateChild("a"))
        assert len(engine(system).timers) == 0
        await advance(system, clock, 20.0)
        assert len(engine(system).timers) == 0


async def test_what_a_supervisor_spawned_in_its_constructor_is_restarted_too() -> None:
    class Spawning(Supervisor):
        def __init__(self) -> None:
            super().__init__()
            self.spawn(lasting("extra"))

    async with ActorSystem("plans") as system:
        sup = system.spawn(Spawning)
        await sup.started()
        (extra,) = cell(sup).more.children
        ref: ActorRef[ScriptMsg] = ActorRef(extra)
        ref.tell(BOOM)
        ref.tell(Note("kept"))
        await settle(system)
        assert (extra.life, extra.incarnation) == ("running", 2)


async def test_a_backoff_that_ends_as_the_slot_is_given_up_starts_nothing() -> None:
    clock = VirtualClock()
    async with ActorSystem("plans", clock=clock) as system:
        parent = system.spawn(Script)
        child: Any = await parent.ask(Get(lambda actor: actor.spawn(lasting("c").backoff(SLOW))))
        child.tell(BOOM)
        await settle(system)
        give_up(cell(child))  # and before the overseer's next step
        clock.jump(10.0)
        engine(system).timers.fire(clock.now())
        await settle(system)
        assert cell(child).life == "dead"


async def test_a_starting_child_that_asks_one_that_waits_for_it_is_told_so() -> None:
    found: list[object] = []

    async def ask_next(actor: Any) -> None:
        if cell(actor.ref).incarnation == 2:
            try:
                await later[0].ask(Get(lambda _: None))
            except ActorStopped as error:
                found.append(str(error))

    async with ActorSystem("plans") as system:
        later: list[Any] = []
        sup, a, b = await group(system, lasting("a", starting=ask_next), lasting("b"))
        later.append(b)
        a.tell(BOOM)
        await settle(system)
        assert "is restarting and waits for" in str(found)
        assert await states(sup) == ["running", "running"]


async def test_a_child_that_runs_again_may_ask_one_that_waits_for_another() -> None:
    starts: list[object] = []
    gate = anyio.Event()

    async def start(_actor: object) -> None:
        starts.append(1)
        if len(starts) == 2:
            await gate.wait()

    async with ActorSystem("plans") as system:
        children = lasting("a"), lasting("b", starting=start), lasting("c")
        _, a, _, c = await group(system, *children)
        a.tell(BOOM)
        await until(lambda: len(starts) == 2)
        waiting = put(a, GetAsync(lambda _: c.ask(Get(lambda _: 1), timeout=None)))
        await until(lambda: cell(a).suspension is not None)
        assert not waiting.done  # c is there as soon as b has started
        gate.set()
        await settle(system)
        assert waiting.result() == 1

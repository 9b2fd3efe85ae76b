"""The steps of actors' lives are published; late replies are counted."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorSystem,
    AskTimeout,
    Crashed,
    Ended,
    LifecycleEvent,
    Message,
    Normal,
    Refused,
    Request,
    Shutdown,
    Started,
    on,
    props,
)
from tests.virtual import VirtualClock, turns

pytestmark = pytest.mark.anyio


class Item(Message):
    number: int = 0


class Get(Request[int]): ...


class Hold(Message):
    gate: Any


class Boom(Message): ...


class Plain(Actor[Item | Get | Hold | Boom]):
    def __init__(self, seen: list[int] | None = None) -> None:
        self.seen = [] if seen is None else seen

    @on(Item)
    def item(self, msg: Item) -> None:
        self.seen.append(msg.number)

    @on(Get)
    def get(self, msg: Get) -> int:
        self.seen.append(-1)
        if not self.seen[:-1]:
            raise Refused("nothing yet")
        return len(self.seen)

    @on(Hold)
    async def hold(self, msg: Hold) -> None:
        await msg.gate.wait()

    @on(Boom)
    def boom(self, msg: Boom) -> None:
        raise RuntimeError("boom")

    initial = item | get | hold | boom


async def test_events_tell_of_starts_crashes_and_ends() -> None:
    async with ActorSystem() as system, system.events.stream() as events:
        good = system.spawn(props(Plain).named("good"))
        await good.started()
        good.stop()
        await good.stopped()
        bad = system.spawn(props(Plain).named("bad"))
        bad.tell(Boom())
        await bad.stopped()
        found: list[LifecycleEvent] = [await anext(events) for _ in range(5)]
        assert [(type(event), event.path) for event in found] == [
            (Started, "/good"),
            (Ended, "/good"),
            (Started, "/bad"),
            (Crashed, "/bad"),
            (Ended, "/bad"),
        ]
        assert isinstance(found[1], Ended)
        assert found[1].reason == Normal()
        for event in (found[3], found[4]):
            assert isinstance(event, (Crashed, Ended))
            assert event.incarnation == 1
            assert isinstance(event.reason.cause, RuntimeError)  # type: ignore[union-attr]


async def test_a_failed_start_is_a_crash_and_an_end_without_a_start() -> None:
    class Never(Plain):
        def pre_start(self) -> None:
            raise RuntimeError("no")

    async with ActorSystem() as system, system.events.stream() as events:
        await system.spawn(Never).stopped()
        assert [type(await anext(events)) for _ in range(2)] == [Crashed, Ended]


async def test_the_end_of_the_system_is_the_reason_of_its_actors_end() -> None:
    async with ActorSystem() as system:
        async with system.events.stream() as events:
            ref = system.spawn(Plain)
            await ref.started()
            stream = events
        system.events.attach(stream)
    found = [event async for event in stream]
    assert [event.reason for event in found if isinstance(event, Ended)][:1] == [Shutdown()]


async def test_late_replies_are_counted_not_delivered() -> None:
    clock = VirtualClock()
    gate = anyio.Event()

    class Late(Actor[Get]):
        @on(Get)
        async def get(self, msg: Get) -> int:
            await gate.wait()
            return 1

        initial = get

    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Late)
        async with anyio.create_task_group() as tasks:

            async def ask() -> None:
                with pytest.raises(AskTimeout):
                    await ref.ask(Get(), timeout=1)

            tasks.start_soon(ask)
            await advance_until_held(clock)
        gate.set()
        await system.drain()
        assert system.snapshot().late_replies == 1
        assert system.snapshot().dead_letters == 0


async def advance_until_held(clock: VirtualClock) -> None:
    await turns()
    clock.jump(1)
    await turns()

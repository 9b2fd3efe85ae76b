"""What nobody handles is published with its reason."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorStopped,
    ActorSystem,
    AskTimeout,
    Bounded,
    DeadLetter,
    HandlerFailed,
    Message,
    Name,
    NotAccepted,
    Refused,
    Request,
    on,
    props,
)
from tests.virtual import VirtualClock, advance, turns

pytestmark = pytest.mark.anyio


class Item(Message):
    number: int = 0


class Other(Message): ...


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


NOBODY: Name[Item] = Name[Item]("nobody")


def told(letter: DeadLetter) -> tuple[object, str, str]:
    return letter.message, letter.reason, letter.path


async def test_not_accepted() -> None:
    async with ActorSystem() as system, system.dead_letters.stream() as letters:
        ref = system.spawn(props(Plain).named("plain"))
        ref.tell(Other())  # type: ignore[arg-type]
        assert told(await anext(letters)) == (Other(), "not_accepted", "/plain")
        with pytest.raises(NotAccepted):
            await ref.ask(Other())  # type: ignore[arg-type]
        letter = await anext(letters)
        assert (letter.reason, letter.ref) == ("not_accepted", ref)


async def test_stopped() -> None:
    async with ActorSystem() as system, system.dead_letters.stream() as letters:
        ref = system.spawn(props(Plain).named("plain"))
        ref.stop()
        ref.tell(Item(1))
        await ref.stopped()
        ref.tell(Item(2))
        with pytest.raises(ActorStopped):
            await ref.ask(Get())
        found = [told(await anext(letters)) for _ in range(3)]
        assert [f[0] for f in found] == [Item(1), Item(2), Get()]
        assert {f[1:] for f in found} == {("stopped", "/plain")}


async def test_failed() -> None:
    async with ActorSystem() as system, system.dead_letters.stream() as letters:
        ref = system.spawn(Plain)
        ref.tell(Item(0))
        ref.tell(Boom())
        ref.tell(Item(1))
        await ref.stopped()
        ref.tell(Item(2))
        found = [await anext(letters) for _ in range(3)]
        assert [le.message for le in found] == [Boom(), Item(1), Item(2)]
        assert {le.reason for le in found} == {"failed"}


async def test_a_failing_request_fails_its_asker_with_the_cause() -> None:
    async with ActorSystem() as system, system.dead_letters.stream() as letters:
        ref = system.spawn(Plain)
        with pytest.raises(HandlerFailed) as caught:
            await ref.ask(Boom())  # type: ignore[arg-type]
        assert isinstance(caught.value.__cause__, RuntimeError)
        assert (await anext(letters)).reason == "failed"


async def test_a_refusal_is_neither_a_failure_nor_a_dead_letter() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Plain)
        with pytest.raises(Refused, match="nothing yet") as caught:
            await ref.ask(Get())
        assert caught.value.payload == "nothing yet"
        ref.tell(Get())
        assert await ref.ask(Get()) == 3
        assert system.snapshot().dead_letters == 0


async def test_killed() -> None:
    async with ActorSystem() as system, system.dead_letters.stream() as letters:
        gate = anyio.Event()

        class Parent(Actor[Item]):
            def __init__(self) -> None:
                self.child = self.spawn(props(Plain).shutdown("brutal_kill"))
                self.child.tell(Hold(gate))
                self.child.tell(Item(1))

            @on(Item)
            def item(self, msg: Item) -> None: ...

            initial = item

        parent = system.spawn(Parent)
        await turns()
        parent.stop()
        await parent.stopped()
        found = [await anext(letters) for _ in range(2)]
        assert {le.reason for le in found} == {"killed"}
        assert {type(le.message) for le in found} == {Hold, Item}


async def test_expired() -> None:
    clock = VirtualClock()
    seen: list[int] = []
    async with ActorSystem(clock=clock) as system, system.dead_letters.stream() as letters:
        ref, gate = system.spawn(Plain, seen), anyio.Event()
        ref.tell(Hold(gate))
        await turns()
        async with anyio.create_task_group() as tasks:

            async def ask() -> None:
                with pytest.raises(AskTimeout):
                    await ref.ask(Get(), timeout=1)

            tasks.start_soon(ask)
            await turns()
            clock.jump(1)
        gate.set()
        assert (await anext(letters)).reason == "expired"
        await system.drain()
        assert seen == []


async def test_cancelled() -> None:
    seen: list[int] = []
    async with ActorSystem() as system, system.dead_letters.stream() as letters:
        ref, gate = system.spawn(Plain, seen), anyio.Event()
        ref.tell(Hold(gate))
        await turns()
        with anyio.move_on_after(0.005):
            await ref.ask(Get())
        gate.set()
        letter = await anext(letters)
        assert (letter.message, letter.reason) == (Get(), "cancelled")
        assert seen == []


@pytest.mark.parametrize("how", ["expired", "cancelled"])
async def test_a_request_given_up_before_the_actor_stops_keeps_its_reason(how: str) -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system, system.dead_letters.stream() as letters:
        ref, gate = system.spawn(Plain), anyio.Event()
        ref.tell(Hold(gate))
        await turns()
        async with anyio.create_task_group() as tasks:

            async def ask() -> None:
                with pytest.raises(AskTimeout):
                    await ref.ask(Get(), timeout=1 if how == "expired" else None)

            tasks.start_soon(ask)
            await turns()
            if how == "expired":
                clock.jump(1)
                await turns()
            else:
                tasks.cancel_scope.cancel()
        ref.stop()
        gate.set()
        assert (await anext(letters)).reason == how


async def test_overflow() -> None:
    async with ActorSystem() as system, system.dead_letters.stream() as letters:
        ref, gate = (
            system.spawn(props(Plain).mailbox(Bounded(1, overflow="drop_newest"))),
            anyio.Event(),
        )
        ref.tell(Hold(gate))
        await turns()
        ref.tell(Item(1))
        ref.tell(Item(2))
        letter = await anext(letters)
        assert (letter.message, letter.reason) == (Item(2), "overflow")
        gate.set()


async def test_no_such_actor() -> None:
    async with ActorSystem() as system, system.dead_letters.stream() as letters:
        ref = system.ref(NOBODY)
        ref.tell(Item(1))
        assert told(await anext(letters)) == (Item(1), "no_such_actor", "/nobody")
        with pytest.raises(ActorStopped, match="no actor has the name nobody"):
            await ref.ask(Get())  # type: ignore[arg-type]


async def test_a_subscriber_of_dead_letters_hears_nothing_of_its_own() -> None:
    """A listener that is full makes dead letters of dead letters, which must not go round."""
    clock = VirtualClock()

    class Listener(Actor[DeadLetter | Hold]):
        @on(DeadLetter)
        def letter(self, msg: DeadLetter) -> None: ...

        @on(Hold)
        async def hold(self, msg: Hold) -> None:
            await msg.gate.wait()

        initial = letter | hold

    async with ActorSystem(clock=clock) as system:
        gate = anyio.Event()
        ref = system.spawn(props(Listener).mailbox(Bounded(1, overflow="drop_oldest")))
        ref.tell(Hold(gate))
        await turns()
        system.dead_letters.subscribe(ref, only=DeadLetter)
        gone = system.spawn(Plain)
        gone.stop()
        await gone.stopped()
        for number in range(4):
            gone.tell(Item(number))
        assert system.snapshot().dead_letters == 4 + 3
        gate.set()
        await advance(system, clock, 1)

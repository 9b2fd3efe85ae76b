"""Topics: who subscribes gets the events, and hurts nobody else."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    BadArgument,
    Bounded,
    DeadLetter,
    Ended,
    Failed,
    LifecycleEvent,
    Message,
    Request,
    Started,
    on,
    props,
)
from tests.virtual import turns

pytestmark = pytest.mark.anyio


class Item(Message):
    number: int


class Note(Message):
    text: str


class Seen(Request[list[object]]): ...


class Hold(Message):
    gate: Any


class Make(Request[Any]): ...


class Listener(Actor[DeadLetter | Note | Seen | Started | Hold | Make]):
    def __init__(self) -> None:
        self.seen: list[object] = []

    @on(DeadLetter)
    def letter(self, msg: DeadLetter) -> None:
        self.seen.append(msg.message)

    @on(Note)
    def note(self, msg: Note) -> None:
        self.seen.append(msg.text)

    @on(Started)
    def started(self, msg: Started) -> None:
        self.seen.append(msg.path)

    @on(Seen)
    def seen_so_far(self, msg: Seen) -> list[object]:
        return self.seen

    @on(Hold)
    async def hold(self, msg: Hold) -> None:
        await msg.gate.wait()

    @on(Make)
    def make(self, msg: Make) -> object:
        return self.adapter(lambda text: Note(f"adapted {text}"))

    initial = letter | note | started | seen_so_far | hold | make


class Gone(Actor[Item]):
    @on(Item)
    def item(self, msg: Item) -> None: ...

    initial = item


async def gone(system: ActorSystem) -> ActorRef[Item]:
    """An actor that is over: what it is told becomes a dead letter."""
    ref = system.spawn(props(Gone).named("gone"))
    await ref.started()
    ref.stop()
    await ref.stopped()
    return ref


def text_of(letter: DeadLetter) -> Note:
    return Note(f"{letter.reason} {letter.message}")


async def test_an_actor_subscribes_to_events_of_its_union() -> None:
    async with ActorSystem() as system:
        listener, target = system.spawn(Listener), await gone(system)
        system.dead_letters.subscribe(listener)
        target.tell(Item(1))
        target.tell(Item(2))
        assert await listener.ask(Seen()) == [Item(1), Item(2)]


async def test_only_takes_the_events_of_one_class() -> None:
    async with ActorSystem() as system:
        listener = system.spawn(props(Listener).named("listener"))
        await listener.started()
        system.events.subscribe(listener, only=Started)
        await gone(system)
        assert await listener.ask(Seen()) == ["/gone"]


async def test_via_makes_a_message_of_each_event() -> None:
    async with ActorSystem() as system:
        listener, target = system.spawn(Listener), await gone(system)
        system.dead_letters.subscribe(listener, via=text_of)
        target.tell(Item(1))
        assert await listener.ask(Seen()) == ["stopped Item(number=1)"]


async def test_a_via_that_raises_is_a_failure_of_the_subscriber_alone() -> None:
    def broken(letter: DeadLetter) -> Note:
        raise ValueError("via")

    async with ActorSystem() as system:
        listener, other, target = system.spawn(Listener), system.spawn(Listener), await gone(system)
        system.dead_letters.subscribe(listener, via=broken)
        system.dead_letters.subscribe(other, via=text_of)
        target.tell(Item(1))
        reason = await listener.stopped()
        assert isinstance(reason, Failed)
        assert reason.error_type == "ValueError"
        assert len(await other.ask(Seen())) == 1


async def test_an_adapter_subscribes_like_an_actor() -> None:
    async with ActorSystem() as system:
        listener, target = system.spawn(Listener), await gone(system)
        adapter: ActorRef[DeadLetter] = await listener.ask(Make())
        system.dead_letters.subscribe(adapter)
        target.tell(Item(1))
        (text,) = await listener.ask(Seen())
        assert str(text).startswith("adapted DeadLetter(message=Item(number=1)")


async def test_via_goes_together_with_an_adapter() -> None:
    async with ActorSystem() as system:
        listener = system.spawn(Listener)
        adapter: ActorRef[str] = await listener.ask(Make())
        system.events.subscribe(adapter, via=lambda event: type(event).__name__)
        await gone(system)
        assert await listener.ask(Seen()) == ["adapted Started", "adapted Ended"]


async def test_an_actor_may_subscribe_before_it_has_started() -> None:
    async with ActorSystem() as system:
        target = await gone(system)
        listener = system.spawn(Listener)
        system.dead_letters.subscribe(listener, via=text_of)
        target.tell(Item(1))
        assert len(await listener.ask(Seen())) == 1


async def test_a_second_subscription_replaces_the_first() -> None:
    async with ActorSystem() as system:
        listener, target = system.spawn(Listener), await gone(system)
        system.dead_letters.subscribe(listener)
        system.dead_letters.subscribe(listener, via=text_of)
        assert system.dead_letters.subscribers == 1
        target.tell(Item(1))
        assert await listener.ask(Seen()) == ["stopped Item(number=1)"]
        system.dead_letters.unsubscribe(listener)
        system.dead_letters.unsubscribe(listener)
        target.tell(Item(2))
        assert len(await listener.ask(Seen())) == 1


async def test_a_subscription_ends_with_its_actor() -> None:
    async with ActorSystem() as system:
        listener, target = system.spawn(Listener), await gone(system)
        system.dead_letters.subscribe(listener)
        listener.stop()
        await listener.stopped()
        assert system.dead_letters.subscribers == 0
        system.dead_letters.subscribe(listener)
        assert system.dead_letters.subscribers == 0
        target.tell(Item(1))
        assert system.snapshot().dead_letters == 1


async def test_subscriptions_that_come_and_go_leave_nothing_behind() -> None:
    async with ActorSystem() as system:
        listener = system.spawn(Listener)
        for _ in range(50):
            system.dead_letters.subscribe(listener)
            system.dead_letters.unsubscribe(listener)
        cell: Any = listener._cell
        assert len((cell.rich.at_end or ()) if cell.rich else ()) <= 1


async def test_a_subscriber_that_is_full_loses_its_own_events_only() -> None:
    async with ActorSystem() as system:
        full = system.spawn(props(Listener).mailbox(Bounded(1)))
        other, target = system.spawn(Listener), await gone(system)
        gate = anyio.Event()
        full.tell(Hold(gate))
        await turns()
        system.dead_letters.subscribe(full, via=text_of)
        system.dead_letters.subscribe(other, via=text_of)
        async with system.dead_letters.stream() as letters:
            for number in range(3):
                target.tell(Item(number))
            assert len(await other.ask(Seen())) >= 3
            first = await anext(letters)
            assert first.message == Item(0)
        gate.set()
        await system.drain()
        assert len(await full.ask(Seen())) == 1


async def test_a_stream_drops_the_oldest_beyond_its_buffer_and_counts() -> None:
    async with ActorSystem() as system:
        target = await gone(system)
        async with system.dead_letters.stream(buffer=2) as letters:
            for number in range(5):
                target.tell(Item(number))
            assert letters.dropped == 3
            found = [(await anext(letters)).message for _ in range(2)]
            assert found == [Item(3), Item(4)]
            target.tell(Item(5))
            assert (await anext(letters)).message == Item(5)
            assert letters.dropped == 3


async def test_a_stream_may_drop_the_newest_instead() -> None:
    async with ActorSystem() as system:
        target = await gone(system)
        async with system.dead_letters.stream(buffer=2, overflow="drop_newest") as letters:
            for number in range(5):
                target.tell(Item(number))
            assert letters.dropped == 3
            found = [(await anext(letters)).message for _ in range(2)]
            assert found == [Item(0), Item(1)]


async def test_a_stream_waits_for_events_and_can_be_cancelled_while_it_does() -> None:
    async with ActorSystem() as system:
        target = await gone(system)
        async with system.dead_letters.stream() as letters:
            with anyio.move_on_after(0.005) as scope:
                await anext(letters)
            assert scope.cancelled_caught
            async with anyio.create_task_group() as tasks:

                async def take() -> None:
                    assert (await anext(letters)).message == Item(1)

                tasks.start_soon(take)
                await turns()
                target.tell(Item(1))
        assert system.dead_letters.subscribers == 0


async def test_a_stream_ends_with_its_system_when_it_has_delivered_what_it_holds() -> None:
    async with ActorSystem() as system:
        events: Any = await system.events.stream().__aenter__()
        ref = system.spawn(Gone)
        await ref.started()
    found: list[LifecycleEvent] = [event async for event in events]
    assert [type(event) for event in found] == [Started, Ended]


@pytest.mark.parametrize(("buffer", "overflow"), [(0, "drop_oldest"), (-1, "drop_newest"), (1, "")])
async def test_a_stream_must_hold_something(buffer: int, overflow: Any) -> None:
    async with ActorSystem() as system:
        with pytest.raises(BadArgument, match="RT002"):
            system.dead_letters.stream(buffer, overflow=overflow)

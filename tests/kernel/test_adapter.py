"""Adapters: refs of another message type, adapted in their actor's own step."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorStopped,
    ActorSystem,
    AnyRef,
    Failed,
    HandlerFailed,
    Message,
    Refused,
    Request,
    on,
)

pytestmark = pytest.mark.anyio


class Text(Message):
    """What the adapter takes."""

    text: str


class Count(Request[int]):
    """What the adapter takes and has answered."""

    text: str


class Number(Request[int]):
    number: int


class Make(Request[Any]):
    """For the ref of an adapter that parses texts."""


class Seen(Request[list[int]]): ...


class Parser(Actor[Number | Make | Seen]):
    def __init__(self) -> None:
        self.seen: list[int] = []

    @on(Number)
    def number(self, msg: Number) -> int:
        self.seen.append(msg.number)
        return msg.number * 2

    @on(Make)
    def make(self, msg: Make) -> object:
        return self.adapter(self.parse)

    @on(Seen)
    def seen_so_far(self, msg: Seen) -> list[int]:
        return self.seen

    def parse(self, msg: Text | Count) -> Number:
        if msg.text == "refuse":
            raise Refused("not that")
        return Number(int(msg.text))

    initial = number | make | seen_so_far


async def test_a_told_message_is_adapted_and_keeps_its_place() -> None:
    async with ActorSystem() as system:
        parser = system.spawn(Parser)
        adapter: ActorRef[Text] = await parser.ask(Make())
        adapter.tell(Text("1"))
        parser.tell(Number(2))
        adapter.tell(Text("3"))
        await adapter.send(Text("4"))
        assert await parser.ask(Seen()) == [1, 2, 3, 4]


async def test_an_asked_message_is_adapted_and_answered() -> None:
    async with ActorSystem() as system:
        parser = system.spawn(Parser)
        adapter: ActorRef[Count] = await parser.ask(Make())
        assert await adapter.ask(Count("21")) == 42


async def test_an_adapter_names_its_actor_and_is_equal_to_itself_only() -> None:
    async with ActorSystem() as system:
        parser = system.spawn(Parser)
        one: AnyRef = await parser.ask(Make())
        other: AnyRef = await parser.ask(Make())
        assert one.path == parser.path
        assert one == one  # noqa: PLR0124
        assert one not in {other, parser}
        assert parser != one
        one.stop()
        await parser.stopped()


async def test_a_function_that_raises_is_a_failure_of_the_actor() -> None:
    async with ActorSystem() as system, system.dead_letters.stream() as letters:
        parser = system.spawn(Parser)
        adapter: ActorRef[Text] = await parser.ask(Make())
        adapter.tell(Text("no number"))
        reason = await parser.stopped()
        assert isinstance(reason, Failed)
        assert reason.error_type == "ValueError"
        letter = await anext(letters)
        assert (letter.message, letter.reason) == (Text("no number"), "failed")


async def test_a_function_that_raises_fails_who_asked() -> None:
    async with ActorSystem() as system:
        parser = system.spawn(Parser)
        adapter: ActorRef[Count] = await parser.ask(Make())
        with pytest.raises(HandlerFailed) as caught:
            await adapter.ask(Count("no number"))
        assert isinstance(caught.value.__cause__, ValueError)
        await parser.stopped()


async def test_a_function_may_refuse_a_request() -> None:
    async with ActorSystem() as system:
        parser = system.spawn(Parser)
        adapter: ActorRef[Count] = await parser.ask(Make())
        with pytest.raises(Refused, match="not that"):
            await adapter.ask(Count("refuse"))
        assert await adapter.ask(Count("1")) == 2


async def test_an_adapter_ends_with_its_actor() -> None:
    async with ActorSystem() as system:
        parser = system.spawn(Parser)
        adapter: Any = await parser.ask(Make())
        parser.stop()
        await parser.stopped()
        async with system.dead_letters.stream() as letters:
            adapter.tell(Text("1"))
            letter = await anext(letters)
            assert (letter.message, letter.reason) == (Text("1"), "stopped")
            with pytest.raises(ActorStopped):
                await adapter.ask(Count("1"))


class Ticker(Actor[Number | Seen]):
    """Makes its adapter in its constructor, and hands it to a child."""

    def __init__(self, log: list[int]) -> None:
        self.log_of = log
        ref: ActorRef[Text] = self.adapter(lambda text: Number(len(text.text)))
        self.spawn(Sayer, ref)

    @on(Number)
    async def number(self, msg: Number) -> int:
        await anyio.sleep(0)
        self.log_of.append(msg.number)
        return 0

    @on(Seen)
    def seen_so_far(self, msg: Seen) -> list[int]:
        return self.log_of

    initial = number | seen_so_far


class Sayer(Actor[Text]):
    def __init__(self, to: ActorRef[Text]) -> None:
        to.tell(Text("four"))

    @on(Text)
    def text(self, msg: Text) -> None: ...

    initial = text


async def test_an_adapter_may_be_made_in_the_constructor() -> None:
    log: list[int] = []
    async with ActorSystem() as system:
        ticker = system.spawn(Ticker, log)
        await ticker.started()
        await system.drain()
        assert log == [4]

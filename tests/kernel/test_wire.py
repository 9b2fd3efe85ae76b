"""`strict_wire=True`: each message and reply makes a round trip through its encoding."""

from __future__ import annotations

from typing import Any

import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    AnyRef,
    Bounded,
    DeadLetter,
    MailboxFull,
    Message,
    ProtocolError,
    Request,
    on,
    props,
)
from tests.kernel.wired import (
    Greet,
    Keep,
    Kept,
    Node,
    Opaque,
    Point,
    Sum,
    wired,
)
from tests.virtual import turns

pytestmark = pytest.mark.anyio


async def test_a_list_in_a_frozen_message_is_not_shared() -> None:
    async with wired() as system:
        node = system.spawn(Node)
        numbers = [1, 2]
        node.tell(Keep(numbers))
        numbers.append(3)
        assert await node.ask(Kept()) == [1, 2]


async def test_without_wire_mode_it_is() -> None:
    async with ActorSystem() as system:
        node = system.spawn(Node)
        numbers = [1, 2]
        node.tell(Keep(numbers))
        numbers.append(3)
        assert await node.ask(Kept()) == [1, 2, 3]


async def test_messages_inside_of_messages_come_out_as_what_they_were() -> None:
    async with wired() as system:
        node = system.spawn(Node)
        assert await node.ask(Sum((Point(1, 2), Point(3, 4)))) == 10


async def test_refs_come_out_identical() -> None:
    log: list[object] = []
    async with wired() as system:
        node, other = system.spawn(Node, log), system.spawn(Node, log)
        node.tell(Greet(other, node))
        await system.drain()
        assert log == [other, node, Point(1)]
        assert log[0] is other


@pytest.mark.parametrize("how", ["tell", "send", "ask"])
async def test_a_field_that_cannot_be_encoded_is_an_error_at_the_sender(how: str) -> None:
    async with wired() as system:
        # Any: an Opaque is told only
        node: ActorRef[Any] = system.spawn(props(Node).named("node"))
        with pytest.raises(ProtocolError, match="RT001 the message Opaque to /node") as caught:
            if how == "tell":
                node.tell(Opaque(object()))
            elif how == "send":
                await node.send(Opaque(object()))
            else:
                await node.ask(Opaque(object()))  # type: ignore[arg-type]
        assert caught.value.mend
        node.tell(Keep([5]))
        assert await node.ask(Kept()) == [5]
        assert system.snapshot().dead_letters == 0


async def test_a_field_of_the_wrong_type_is_an_error_at_the_sender() -> None:
    async with wired() as system:
        node = system.spawn(Node)
        with pytest.raises(ProtocolError, match="int"):
            node.tell(Point("one"))  # type: ignore[arg-type]


async def test_a_message_class_that_names_a_local_class_is_an_error_at_the_sender() -> None:
    class Inner(Message):
        number: int

    class Outer(Message):
        inner: Inner

    class Local(Actor[Outer | Inner]):
        @on(Outer)
        def outer(self, msg: Outer) -> None: ...

        @on(Inner)
        def inner(self, msg: Inner) -> None: ...

        initial = outer | inner

    async with wired() as system:
        local = system.spawn(Local)
        local.tell(Inner(1))
        for _ in range(2):
            with pytest.raises(ProtocolError, match="module level"):
                local.tell(Outer(Inner(1)))
    async with ActorSystem() as system:
        system.spawn(Local).tell(Outer(Inner(1)))


async def test_wire_mode_keeps_bounds() -> None:
    async with wired() as system:
        node = system.spawn(props(Node).mailbox(Bounded(1)))
        await node.started()
        node.tell(Keep([1]))
        with pytest.raises(MailboxFull):
            node.tell(Keep([2]))
        await system.drain()
        assert await node.ask(Kept()) == [1]


class Texts(Request[list[str]]): ...


class Text(Message):
    text: str


class Lines(Message):
    lines: list[str]


class Adapting(Actor[Text | Texts]):
    def __init__(self, out: list[ActorRef[Lines]]) -> None:
        self.seen: list[str] = []
        self.lines: list[list[str]] = []
        out.append(self.adapter(self.adapt))

    def adapt(self, msg: Lines) -> Text:
        return Text(" ".join(msg.lines))

    @on(Text)
    def text(self, msg: Text) -> None:
        self.seen.append(msg.text)

    @on(Texts)
    def texts(self, msg: Texts) -> list[str]:
        return self.seen

    initial = text | texts


async def test_what_goes_through_an_adapter_is_not_shared_either() -> None:
    out: list[ActorRef[Lines]] = []
    async with wired() as system:
        ref = system.spawn(Adapting, out)
        await ref.started()
        lines = ["a", "b"]
        out[0].tell(Lines(lines))
        lines.append("c")
        assert await ref.ask(Texts()) == ["a b"]


class Letters(Actor[DeadLetter]):
    def __init__(self, log: list[object]) -> None:
        self.log_of = log

    @on(DeadLetter)
    def letter(self, msg: DeadLetter) -> None:
        self.log_of.append(msg.message)

    initial = letter


async def test_dead_letters_come_to_their_subscribers_as_they_are() -> None:
    log: list[object] = []

    class Local(Message):
        ref: AnyRef

    async with wired() as system:
        letters, node = system.spawn(Letters, log), system.spawn(Node)
        system.dead_letters.subscribe(letters)
        node.stop()
        await node.stopped()
        node.tell(Point(1))
        node.tell(Local(node))  # type: ignore[arg-type]
        await turns()
        await system.drain()
        assert log == [Point(1), Local(node)]

"""`strict_wire=True`: each message and reply makes a round trip through its encoding."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    AnyRef,
    Bounded,
    DeadLetter,
    Failed,
    HandlerFailed,
    Later,
    MailboxFull,
    Message,
    ProtocolError,
    ReplyTo,
    Request,
    on,
    props,
)
from tests.virtual import turns

pytestmark = pytest.mark.anyio


class Point(Message):
    x: int
    y: int = 0


class Keep(Message):
    numbers: list[int]


class Kept(Request[list[int]]): ...


class Sum(Request[int]):
    points: tuple[Point, ...]


class Greet(Message):
    ref: ActorRef[Point]
    anybody: AnyRef


class Pass(Message):
    to: ReplyTo[int]


class AskLater(Request[int]): ...


class Wrong(Request[int]):
    """Is answered with what its type forbids, or cannot be encoded."""

    reply: str


class Opaque(Message):
    what: Any


class Forward(Request["Point"]): ...


NodeMsg: TypeAlias = Keep | Kept | Sum | Greet | AskLater | Pass | Wrong | Point | Forward | Opaque


class Node(Actor[NodeMsg]):
    def __init__(self, log: list[object] | None = None) -> None:
        self.kept: list[int] = []
        self.log_of: list[object] = [] if log is None else log

    @on(Keep)
    def keep(self, msg: Keep) -> None:
        self.kept = msg.numbers

    @on(Kept)
    def kept_so_far(self, msg: Kept) -> list[int]:
        return self.kept

    @on(Sum)
    async def sum_up(self, msg: Sum) -> int:
        await anyio.sleep(0)
        return sum(point.x + point.y for point in msg.points)

    @on(Greet)
    def greet(self, msg: Greet) -> None:
        self.log_of += [msg.ref, msg.anybody]
        msg.ref.tell(Point(1))

    @on(AskLater)
    def later(self, msg: AskLater) -> int | Later:
        reply = self.defer(msg)
        self.ref.tell(Pass(reply))
        return reply

    @on(Pass)
    def pass_on(self, msg: Pass) -> None:
        self.log_of.append(msg.to)
        msg.to.reply(7)

    @on(Wrong)
    def wrong(self, msg: Wrong) -> int:
        # Any: wrong on purpose
        replies: dict[str, Any] = {"type": "text", "opaque": object()}
        reply: int = replies[msg.reply]
        return reply

    @on(Wrong)
    async def wrong_at_once(self, msg: Wrong) -> int:
        return self.wrong(msg)

    @on(Wrong)
    async def wrong_later(self, msg: Wrong) -> int:
        await anyio.sleep(0)
        return self.wrong(msg)

    @on(Wrong)
    def wrong_deferred(self, msg: Wrong) -> int | Later:
        reply = self.defer(msg)
        with pytest.raises(ProtocolError):
            reply.reply(self.wrong(msg))
        reply.reply(1)
        return reply

    @on(Point)
    def point(self, msg: Point) -> None:
        self.log_of.append(msg)

    @on(Forward)
    def forward_ref(self, msg: Forward) -> Point:
        return Point(3)

    @on(Opaque)
    def opaque(self, msg: Opaque) -> None: ...

    initial = (
        keep | kept_so_far | sum_up | greet | later | pass_on | wrong | point | forward_ref | opaque
    )


class AtOnce(Node):
    initial = Node.initial.replace(Node.wrong_at_once)


class MuchLater(Node):
    initial = Node.initial.replace(Node.wrong_later)


class Deferred(Node):
    initial = Node.initial.replace(Node.wrong_deferred)


@asynccontextmanager
async def wired() -> AsyncIterator[ActorSystem]:
    async with ActorSystem(strict_wire=True) as system:
        yield system


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


async def test_a_reply_is_not_shared_either() -> None:
    async with wired() as system:
        node = system.spawn(Node)
        await node.send(Keep([1]))
        (await node.ask(Kept())).append(2)
        assert await node.ask(Kept()) == [1]


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


async def test_a_deferred_reply_comes_out_identical() -> None:
    async with wired() as system:
        node = system.spawn(Node)
        assert await node.ask(AskLater()) == 7


async def test_a_request_that_names_its_reply_type_as_a_text_is_answered() -> None:
    async with wired() as system:
        assert await system.spawn(Node).ask(Forward()) == Point(3)


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


@pytest.mark.parametrize("cls", [Node, AtOnce, MuchLater])
@pytest.mark.parametrize("reply", ["type", "opaque"])
@pytest.mark.parametrize("busy", [False, True])
async def test_a_reply_that_cannot_go_is_a_failure_of_who_gave_it(
    cls: type[Node], reply: str, busy: bool
) -> None:
    async with wired() as system:
        node = system.spawn(cls)
        if not busy:
            await node.started()
        with pytest.raises(HandlerFailed) as caught:
            await node.ask(Wrong(reply))
        assert isinstance(caught.value.__cause__, ProtocolError)
        reason = await node.stopped()
        assert isinstance(reason, Failed)
        assert reason.error_type == "ProtocolError"
        assert await system.spawn(Node).ask(Kept()) == []


async def test_a_deferred_reply_that_cannot_go_is_an_error_where_it_is_given() -> None:
    async with wired() as system:
        node = system.spawn(Deferred)
        assert await node.ask(Wrong("opaque")) == 1


async def test_wire_mode_keeps_bounds() -> None:
    async with wired() as system:
        node = system.spawn(props(Node).mailbox(Bounded(1)))
        await node.started()
        node.tell(Keep([1]))
        with pytest.raises(MailboxFull):
            node.tell(Keep([2]))
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

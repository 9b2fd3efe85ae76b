"""An actor whose messages hold what a wire may or may not carry."""

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
    Later,
    Message,
    ProtocolError,
    ReplyTo,
    Request,
    on,
)


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


@asynccontextmanager
async def wired() -> AsyncIterator[ActorSystem]:
    async with ActorSystem(strict_wire=True) as system:
        yield system

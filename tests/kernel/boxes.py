"""An actor that can be held busy, so that its mailbox fills."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import anyio
import anyio.lowlevel

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    Bounded,
    DeadLetter,
    Down,
    Message,
    Request,
    on,
    props,
)
from tests.virtual import turns


class Item(Message):
    number: int


class Get(Request[int]):
    number: int


class Hold(Message):
    """Has the actor wait for the gate: meanwhile its mailbox fills."""

    gate: Any


class Act(Message):
    do: Callable[[Any], Any]


BoxMsg: TypeAlias = Item | Get | Hold | Act | Down


class Slow(Actor[BoxMsg]):
    def __init__(self, seen: list[object]) -> None:
        self.seen = seen

    @on(Item)
    def item(self, msg: Item) -> None:
        self.seen.append(msg.number)

    @on(Get)
    def get(self, msg: Get) -> int:
        self.seen.append(msg.number)
        return msg.number

    @on(Hold)
    async def hold(self, msg: Hold) -> None:
        await msg.gate.wait()

    @on(Act)
    def act(self, msg: Act) -> None:
        msg.do(self)

    @on(Down)
    def down(self, msg: Down) -> None:
        self.seen.append("down")

    @on(Item)
    def put_aside(self, msg: Item) -> None:
        self.stash()

    initial = item | get | hold | act | down
    closed = initial.replace(put_aside)


Overflow: TypeAlias = Literal["reject", "drop_newest", "drop_oldest"]


async def held(
    system: ActorSystem, capacity: int, overflow: Overflow, seen: list[object]
) -> tuple[ActorRef[BoxMsg], anyio.Event]:
    """An actor that is busy until the event is set."""
    gate = anyio.Event()
    ref = system.spawn(props(Slow, seen).mailbox(Bounded(capacity, overflow=overflow)))
    await ref.started()
    ref.tell(Hold(gate))
    await turns()
    return ref, gate


async def letters_of(system: ActorSystem, stream: Any, count: int) -> list[tuple[object, str]]:
    letters: list[DeadLetter] = [await anext(stream) for _ in range(count)]
    return [(letter.message, letter.reason) for letter in letters]

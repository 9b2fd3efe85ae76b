"""Actors that link as a test asks them to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, cast

from airssys_rt import Actor, ActorRef, AnyRef, Exit, Message, Request, on


class Act(Request[object]):
    """Has the actor call the function: verbs are for its own handlers only."""

    do: Callable[[Any], Any]


class Tell(Message):
    """As `Act`, without a reply: what it raises is the actor's failure."""

    do: Callable[[Any], Any]


class Said(Message):
    number: int


class Seen(Request[list[object]]): ...


class Gone(Message):
    path: str


class Plain(Actor[Act | Tell]):
    """Does not trap exits."""

    @on(Act)
    def act(self, msg: Act) -> object:
        return msg.do(self)

    @on(Tell)
    def tell(self, msg: Tell) -> None:
        return cast("None", msg.do(self))  # or a coroutine, which is run as well

    initial = act | tell


TrapperMsg: TypeAlias = Act | Tell | Said | Seen | Exit


class Trapper(Actor[TrapperMsg]):
    trap_exits = True

    def __init__(self, *targets: AnyRef) -> None:
        self.seen: list[object] = []
        for target in targets:
            self.link(target)

    @on(Act)
    def act(self, msg: Act) -> object:
        return msg.do(self)

    @on(Tell)
    def tell(self, msg: Tell) -> None:
        return cast("None", msg.do(self))  # or a coroutine, which is run as well

    @on(Said)
    def said(self, msg: Said) -> None:
        self.seen.append(msg.number)

    @on(Seen)
    def seen_so_far(self, msg: Seen) -> list[object]:
        return self.seen

    @on(Exit)
    def ended(self, msg: Exit) -> None:
        self.seen.append(msg)

    initial = act | tell | said | seen_so_far | ended


def fail(_actor: object) -> None:
    raise RuntimeError("broken")


async def link(one: ActorRef[Act], other: AnyRef) -> None:
    """Have one actor link with another."""
    await one.ask(Act(lambda a: a.link(other)))

"""Traps exits by `via=`: the union has a message of its own in the place of `Exit`."""

from typing import TypeAlias

from airssys_rt import Actor, AnyRef, Message, Request, on


class Tie(Message):
    ref: AnyRef


class Untie(Message):
    ref: AnyRef


class Ended(Message):
    path: str
    why: str


class LastEnd(Request[str | None]): ...


TierMsg: TypeAlias = Tie | Untie | Ended | LastEnd


class Tier(Actor[TierMsg]):
    trap_exits = True

    def __init__(self) -> None:
        self.last: str | None = None

    @on(Tie)
    def tie(self, msg: Tie) -> None:
        self.link(msg.ref, via=lambda end: Ended(end.path, type(end.reason).__name__))

    @on(Untie)
    def untie(self, msg: Untie) -> None:
        self.unlink(msg.ref)

    @on(Ended)
    def ended(self, msg: Ended) -> None:
        self.last = f"{msg.path}: {msg.why}"

    @on(LastEnd)
    def last_end(self, msg: LastEnd) -> str | None:
        return self.last

    initial = tie | untie | ended | last_end

"""An actor that answers, fails, refuses or keeps its asker waiting, as each request says."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from airssys_rt import Actor, ActorRef, CircuitChanged, Later, Message, Refused, Request, on


class Note(Message):
    number: int = 0


class Get(Request[int]):
    """Answered with how many were."""

    how: Literal["answer", "fail", "refuse", "late"] = "answer"
    gate: Any = None


class Pass(Request[int]):
    """Forwarded to the ref."""

    to: Any


ServerMsg: TypeAlias = Note | Get | Pass


class Server(Actor[ServerMsg]):
    """Fails as a supervised actor does: to its asker, and goes on."""

    def __init__(self, seen: list[int] | None = None) -> None:
        self.seen = [] if seen is None else seen
        self.asked = 0

    @on(Note)
    def note(self, msg: Note) -> None:
        self.seen.append(msg.number)

    @on(Get)
    async def get(self, msg: Get) -> int | Later:
        self.asked += 1
        if msg.gate is not None:
            await msg.gate.wait()
        if msg.how == "refuse":
            raise Refused("no")
        if msg.how == "fail":
            self.defer(msg)  # and dropped: its asker gets HandlerFailed
            return LATER
        if msg.how == "late":
            self.kept = self.defer(msg)
            return self.kept
        return self.asked

    @on(Pass)
    def pass_on(self, msg: Pass) -> int | Later:
        return self.forward(msg.to, Get())

    initial = note | get | pass_on


LATER = Later()
Guarded: TypeAlias = ActorRef[ServerMsg]


def states(events: list[object]) -> list[str]:
    return [event.state for event in events if isinstance(event, CircuitChanged)]

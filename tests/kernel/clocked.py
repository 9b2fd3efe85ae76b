"""An actor that sets the timers which a test asks it to set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airssys_rt import (
    Actor,
    Message,
    Request,
    on,
)


class Tick(Message):
    number: int = 0


class Act(Request[object]):
    """Has the actor call the function: timers are set by handlers only."""

    do: Callable[[Any], Any]


class Seen(Request[list[int]]): ...


class Clocked(Actor[Tick | Act | Seen]):
    def __init__(self) -> None:
        self.seen: list[int] = []

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.seen.append(msg.number)

    @on(Act)
    def act(self, msg: Act) -> object:
        return msg.do(self)

    @on(Seen)
    def seen_so_far(self, msg: Seen) -> list[int]:
        return self.seen

    initial = tick | act | seen_so_far

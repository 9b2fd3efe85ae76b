"""A corpus of small faulty actor programs, each with its correct twin.

A program is a scenario that takes whether it is to be the faulty one.  Those with a source are
taken from the literature, as it is cited; the others are what actor programs do wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TypeAlias

from airssys_rt import Actor, Request, on
from airssys_rt.testing import World

__all__ = ["PROGRAMS", "Program", "program", "tarry"]

Body: TypeAlias = Callable[[World, bool], Coroutine[object, object, None]]


@dataclass(frozen=True)
class Program:
    """One entry."""

    name: str
    source: str
    body: Body

    def scenario(self, *, faulty: bool) -> Callable[[World], Coroutine[object, object, None]]:
        """The faulty one, or its twin."""

        def run(world: World) -> Coroutine[object, object, None]:
            return self.body(world, faulty)

        run.__name__ = self.name
        return run


PROGRAMS: list[Program] = []


def program(source: str = "") -> Callable[[Body], Body]:
    """Enter a scenario into the corpus."""

    def enter(body: Body) -> Body:
        PROGRAMS.append(Program(body.__name__, source, body))
        return body

    return enter


class Pause(Request[bool]):
    """Answer."""


class Pauser(Actor[Pause]):
    """Answers."""

    @on(Pause)
    def pause(self, msg: Pause) -> bool:
        return True

    initial = pause


async def tarry(world: World, times: int = 8) -> None:
    """Be late in send order, so that a plain run of the program sees no race."""
    pauser = world.spawn(Pauser)
    for _ in range(times):
        await pauser.ask(Pause())

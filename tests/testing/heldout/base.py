"""The registry of the held-out programs, and the actors that several of them share.

The form is that of the corpus: a scenario that takes whether it is to be the faulty one. Its
docstring says in one line what goes wrong, and then where that is reported.
"""

from __future__ import annotations

import inspect

from airssys_rt import Actor, ActorRef, Message, Request, on
from tests.testing.corpus.base import Body, Program

__all__ = ["HELD_OUT", "Cell", "CellRef", "Get", "Go", "Put", "held_out"]

HELD_OUT: list[Program] = []


def held_out(body: Body) -> Body:
    """Enter a scenario; its source is what its docstring says after `Source:`."""
    wrong, _, source = (inspect.getdoc(body) or "").partition("\n\nSource: ")
    assert wrong, f"{body.__name__} does not say what goes wrong"
    assert "https://" in source or "http://" in source, f"{body.__name__} has no source"
    HELD_OUT.append(Program(body.__name__, " ".join(source.split()), body))
    return body


class Get(Request[int]):
    """What is the value?"""


class Put(Request[bool]):
    """Set it; answered when it is done."""

    value: int


class Cell(Actor[Get | Put]):
    """A value."""

    def __init__(self, value: int = 0) -> None:
        self.value = value

    @on(Get)
    def get(self, msg: Get) -> int:
        return self.value

    @on(Put)
    def put(self, msg: Put) -> bool:
        self.value = msg.value
        return True

    initial = get | put


CellRef = ActorRef[Get | Put]


class Go(Message):
    """Begin."""

"""Functions and actors whose work goes to workers; worker processes import this module."""

from __future__ import annotations

import os
import threading
import time
from typing import TypeAlias

from airssys_rt import Actor, Message, Refused, Request, Workers, WrongThread, offload, on

__all__ = ["Crunch", "Gate", "Mixed", "Off", "Plain", "Tell", "Thread", "fail", "pid", "twice"]


class Gate:
    """A worker thread waits here until the test lets it through."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.entered: list[object] = []

    def enter(self, who: object = None) -> object:
        self.entered.append(who)
        assert self.opened.wait(10)
        return who


class Thread(Request[int]):
    """Have a worker thread call something."""

    what: object = None


class Tell(Message):
    """The same, without an answer."""

    what: object = None


class Plain(Request[list[object]]):
    """What the actor has seen."""


OffMsg: TypeAlias = Thread | Tell | Plain


def make_off(workers: Workers) -> type[Actor[OffMsg]]:
    """An actor class with handlers in these worker threads."""

    class Off(Actor[OffMsg]):
        def __init__(self) -> None:
            self.seen: list[object] = []

        @on(Thread)
        @offload(workers)
        def thread(self, msg: Thread) -> int:
            what = msg.what
            self.seen.append(what(self) if callable(what) else what)
            return threading.get_ident()

        @on(Tell)
        @offload(workers)
        def told(self, msg: Tell) -> None:
            what = msg.what
            self.seen.append(what(self) if callable(what) else what)

        @on(Plain)
        def plain(self, msg: Plain) -> list[object]:
            return list(self.seen)

        initial = thread | told | plain

    return Off


Off = make_off(Workers("thread"))


class Crunch(Request[object]):
    what: str


class Mixed(Actor[Crunch]):
    """Its handler runs in a process; what it does depends on the message."""

    LIMIT = 7

    def __init__(self) -> None:
        self.state = 1

    @on(Crunch)
    @offload("process")
    def crunch(self, msg: Crunch) -> object:
        match msg.what:
            case "pid":
                return os.getpid()
            case "class":
                return self.twice(self.LIMIT)
            case "reads":
                return self.state
            case "writes":
                self.state = 2
            case "verb":
                self.stop()
            case "refuses":
                raise Refused("not today")
            case "raises":
                raise Odd("a", b="b")
            case "lambda":
                return lambda: 1
            case "dies":
                os._exit(3)
            case _:
                time.sleep(60)
        return None

    def twice(self, number: int) -> int:
        return 2 * number

    initial = crunch


class Odd(Exception):
    """Can be pickled, but not unpickled."""

    def __init__(self, a: str, *, b: str) -> None:
        super().__init__(a)
        self.b = b


@offload("process")
def twice(number: int, *, plus: int = 0) -> int:
    return number * 2 + plus


@offload("process")
def fail(text: str) -> None:
    raise ValueError(text)


def pid() -> int:
    return os.getpid()


def try_verb(actor: Actor[OffMsg]) -> str:
    """What a verb says in a worker thread."""
    try:
        actor.stop()
    except WrongThread as error:
        return error.code
    return "stopped"

"""Workers for tests of pools, which write down what they handle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import anyio

from airssys_rt import Actor, ActorRef, ActorSystem, DeadLetter, Message, Request, on


class Job(Message):
    number: int
    key: str = ""


class Who(Request[str]):
    key: str = ""


class Slow(Message):
    number: int


class Crash(Message):
    number: int = 0


class Quit(Message): ...


WorkerMsg: TypeAlias = Job | Who | Slow | Crash | Quit


@dataclass
class Book:
    """What was handled, by whom, and what was not."""

    done: list[tuple[str, int]] = field(default_factory=list)
    begun: int = 0
    gate: anyio.Event = field(default_factory=anyio.Event)  # what slow jobs wait for
    dead: list[DeadLetter] = field(default_factory=list)

    def by(self, name: str) -> list[int]:
        return [number for who, number in self.done if who == name]

    @property
    def numbers(self) -> list[int]:
        return sorted(number for _, number in self.done)


class Worker(Actor[WorkerMsg]):
    def __init__(self, book: Book | None = None) -> None:
        self.book = Book() if book is None else book
        self.name = self.ref.name

    @on(Job)
    def job(self, msg: Job) -> None:
        self.book.done.append((self.name, msg.number))

    @on(Who)
    def who(self, msg: Who) -> str:
        return self.name

    @on(Slow)
    async def slow(self, msg: Slow) -> None:
        self.book.begun += 1
        await self.book.gate.wait()
        self.book.done.append((self.name, msg.number))

    @on(Crash)
    def crash(self, msg: Crash) -> None:
        raise RuntimeError(f"crash {msg.number}")

    @on(Quit)
    def leave(self, msg: Quit) -> None:
        self.stop()

    initial = job | who | slow | crash | leave


class Undertaker(Actor[DeadLetter]):
    def __init__(self, book: Book) -> None:
        self.book = book

    @on(DeadLetter)
    def letter(self, msg: DeadLetter) -> None:
        self.book.dead.append(msg)

    initial = letter


async def bury(system: ActorSystem, book: Book) -> None:
    """Have the book hold the dead letters."""
    system.dead_letters.subscribe(system.spawn(Undertaker, book))
    await system.drain()


def members(system: ActorSystem, ref: ActorRef[WorkerMsg]) -> list[str]:
    """The names of the members there are."""
    [picture] = [actor for actor in system.snapshot().tree if actor.path == ref.path]
    return [child.path.rpartition("/")[2] for child in picture.children]

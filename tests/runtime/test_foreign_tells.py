"""Threads that `tell` where they must not: each message raises, or counts; none is lost.

The engine takes no locks.  What it stands on: CPython runs no other thread between a function's
entry and its next call.  Here threads are switched as often as can be.
"""

from __future__ import annotations

import random
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    DeadLetter,
    Message,
    Request,
    StartChild,
    Supervisor,
    WrongThread,
    on,
    props,
)
from tests.runtime.kit import assert_at_rest, collect, engine

pytestmark = pytest.mark.anyio

THREADS, TARGETS, TIMES = 4, 8, 2_000


class Quick(Message):
    """For a sync handler, which passes it on `left` times."""

    key: tuple[int, int]
    left: int = 0


class Slow(Message):
    """For an async handler, which suspends."""

    key: tuple[int, int]


class Fail(Message):
    """Ends the incarnation."""

    key: tuple[int, int]


class Who(Request[int]):
    """Asked by the engine's own thread."""


TargetMsg: TypeAlias = Quick | Slow | Fail | Who


class Book:
    """What was handled, and whether two handlers of one actor ran at once."""

    def __init__(self) -> None:
        self.handled: list[tuple[int, int]] = []
        self.inside: Counter[int] = Counter()
        self.clashes = 0
        self.asked = 0

    def enter(self, number: int) -> None:
        self.clashes += self.inside[number]
        self.inside[number] += 1

    def leave(self, number: int, key: tuple[int, int]) -> None:
        self.inside[number] -= 1
        self.handled.append(key)


class Target(Actor[TargetMsg]):
    def __init__(self, book: Book, number: int, others: list[ActorRef[TargetMsg]]) -> None:
        self.book, self.number, self.others = book, number, others

    @on(Quick)
    def quick(self, msg: Quick) -> None:
        self.book.enter(self.number)
        if msg.left:
            after = self.others[(self.number + msg.left) % len(self.others)]
            after.tell(Quick(msg.key, msg.left - 1))
        self.book.leave(self.number, msg.key)

    @on(Slow)
    async def slow(self, msg: Slow) -> None:
        self.book.enter(self.number)
        await anyio.sleep(0)
        self.book.leave(self.number, msg.key)

    @on(Fail)
    def fail(self, msg: Fail) -> None:
        raise ValueError(msg.key)

    @on(Who)
    def who(self, msg: Who) -> int:
        self.book.asked += 1
        self.book.clashes += self.book.inside[self.number]
        return self.number

    initial = quick | slow | fail | who


@pytest.fixture
def switching() -> Iterator[None]:
    """Threads are switched as often as CPython can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


class Intruder(threading.Thread):
    """Tells what it must not; remembers what was refused and what was not."""

    def __init__(self, who: int, targets: list[ActorRef[TargetMsg]], fails: bool) -> None:
        super().__init__()
        self.who, self.targets, self.fails = who, targets, fails
        self.told: list[tuple[int, int]] = []
        self.refused: list[tuple[int, int]] = []

    def run(self) -> None:
        dice = random.Random(self.who)
        for n in range(TIMES):
            key = (self.who, n)
            target = dice.choice(self.targets)
            roll = dice.random()
            msg: TargetMsg = Slow(key) if roll < 0.2 else Quick(key)
            if self.fails and roll > 0.97:
                msg = Fail(key)
            try:
                target.tell(msg)
            except WrongThread:
                self.refused.append(key)
            else:
                self.told.append(key)


async def intrude(
    system: ActorSystem, book: Book, targets: list[ActorRef[TargetMsg]], *, fails: bool
) -> tuple[list[tuple[int, int]], list[tuple[int, int]], list[tuple[int, int]]]:
    """Have threads tell while the system works and rests; what counts, what was refused, mine."""
    threads = [Intruder(who, targets, fails) for who in range(THREADS)]
    for thread in threads:
        thread.start()
    dice, mine, expected = random.Random(7), 0, list[tuple[int, int]]()
    while any(thread.is_alive() for thread in threads):
        for _ in range(dice.randrange(12)):
            key, left = (-1, mine), dice.randrange(6)
            dice.choice(targets).tell(Slow(key) if dice.random() < 0.2 else Quick(key, left))
            mine += 1
        number = dice.randrange(TARGETS)
        assert await targets[number].ask(Who(), timeout=None) == number
        # rests now and then: the carriers sleep, and a tell raises
        await anyio.sleep(0.0005 if dice.random() < 0.3 else 0)
    assert await system.drain(60)
    assert book.clashes == 0
    for thread in threads:
        expected += thread.told
    refused = [key for thread in threads for key in thread.refused]
    assert len(expected) + len(refused) == THREADS * TIMES
    return expected, refused, [key for key in book.handled if key[0] == -1]


@pytest.mark.usefixtures("switching")
async def test_what_a_thread_tells_raises_or_is_handled_once() -> None:
    async with ActorSystem() as system:
        book, targets = Book(), list[ActorRef[TargetMsg]]()
        targets += [system.spawn(Target, book, n, targets) for n in range(TARGETS)]
        await system.drain()
        expected, _, mine = await intrude(system, book, targets, fails=False)
        foreign = [key for key in book.handled if key[0] >= 0]
        assert sorted(foreign) == sorted(expected)
        assert set(range(max(n for _, n in mine) + 1)) == {n for _, n in mine}
        asked = book.asked
        assert sum(actor.handled for actor in system.snapshot().tree) == len(book.handled) + asked
        await assert_at_rest(system)


@pytest.mark.usefixtures("switching")
async def test_what_a_thread_tells_those_who_crash_and_restart_is_handled_or_a_dead_letter() -> (
    None
):
    async with ActorSystem() as system:
        letters: list[DeadLetter] = collect(system)
        book, targets = Book(), list[ActorRef[TargetMsg]]()
        upper = system.spawn(Supervisor, intensity=1_000_000)
        for n in range(TARGETS):
            targets.append(await upper.ask(StartChild(props(Target, book, n, targets))))
        await system.drain()
        expected, _, _ = await intrude(system, book, targets, fails=True)
        dead = [one.message.key for one in letters if isinstance(one.message, (Quick, Slow, Fail))]
        foreign = [key for key in [*book.handled, *dead] if key[0] >= 0]
        assert sorted(foreign) == sorted(expected)
        await assert_at_rest(system)


@pytest.mark.usefixtures("switching")
async def test_with_debug_every_tell_of_a_thread_raises() -> None:
    async with ActorSystem(debug=True) as system:
        book, targets = Book(), list[ActorRef[TargetMsg]]()
        targets += [system.spawn(Target, book, n, targets) for n in range(TARGETS)]
        await system.drain()
        expected, refused, _ = await intrude(system, book, targets, fails=False)
        assert (expected, len(refused)) == ([], THREADS * TIMES)


async def test_at_rest_the_engine_asks_each_tell_for_its_thread() -> None:
    async with ActorSystem() as system:
        book, targets = Book(), list[ActorRef[TargetMsg]]()
        targets += [system.spawn(Target, book, n, targets) for n in range(TARGETS)]
        for n, target in enumerate(targets):
            target.tell(Quick((0, n), 5))
            target.tell(Slow((1, n)))
        assert await system.drain(60)  # at a moment all may sleep in their handlers
        await assert_at_rest(system)
        assert engine(system).push == engine(system).rouse
        thread = Intruder(0, targets, fails=False)
        thread.start()
        thread.join()  # the loop stands still meanwhile
        assert thread.told == []
        await assert_at_rest(system)
        assert len(book.handled) == TARGETS * 7

"""What is measured of supervision: restarts, trees, and storms of crashes.

The failure log is off here: what a line of log costs is its handler's matter.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import cast

import anyio

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    DynamicSupervisor,
    Message,
    StartChild,
    Supervisor,
    WhichChildren,
    on,
    props,
)
from airssys_rt.bench.measure import Span, Stopwatch, check
from airssys_rt.bench.memory import HAS_RSS, STATM

__all__ = ["crash_loop", "restart", "storm", "tree"]

TICK = 0.01  # seconds between the ticks whose lateness is looked at
RATE = 10_000  # crashes a second


def resident() -> int:
    """The process's resident memory in bytes; without a collection, which would delay timers."""
    return int(STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Fail(Message):
    """Raise."""


class Fall(Message):
    """Fail, but for the last."""

    left: int


class Phoenix(Actor[Fall]):
    """Each incarnation handles one message: it sends the next one, and fails."""

    def __init__(self, done: anyio.Event) -> None:
        self.done = done

    @on(Fall)
    def fall(self, msg: Fall) -> None:
        if msg.left:
            self.ref.tell(Fall(msg.left - 1))
            raise RuntimeError("as told")
        self.done.set()

    initial = fall


class Fragile(Actor[Fail]):
    """Fails when told to."""

    @on(Fail)
    def fail(self, msg: Fail) -> None:
        raise RuntimeError("as told")

    initial = fail


class Doomed(Actor[Fail]):
    """Fails with its first message, which it sends itself."""

    def pre_start(self) -> None:
        self.ref.tell(Fail())

    @on(Fail)
    def fail(self, msg: Fail) -> None:
        raise RuntimeError("at once")

    initial = fail


class Beat(Message):
    """Time to look at the clock."""


class Metronome(Actor[Beat]):
    """Notes how late each of its timers is."""

    def __init__(self, late: list[float]) -> None:
        self.late = late
        self.due = 0.0

    def pre_start(self) -> None:
        self.wait()

    def wait(self) -> None:
        self.due = self.now() + TICK
        self.after(TICK, Beat())

    @on(Beat)
    def beat(self, msg: Beat) -> None:
        self.late.append(self.now() - self.due)
        self.wait()

    initial = beat


async def seen(late: list[float]) -> None:
    """Wait until a timer was handled at all: a small run may be over before the first."""
    while not late:
        await anyio.sleep(TICK)


@contextmanager
def quiet() -> Generator[None]:
    """No failure log."""
    logger = logging.getLogger("airssys_rt")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


async def restart(n: int) -> tuple[Span, ...]:
    """A crash, the restart, and the first message that the next incarnation handles; n times."""
    done = anyio.Event()
    with quiet():
        async with ActorSystem("bench") as system:
            child = props(Phoenix, done).named("phoenix")
            top = system.spawn(props(Supervisor, [child], intensity=n + 1))
            (info,) = await top.ask(WhichChildren())
            watch = Stopwatch()
            cast("ActorRef[Fall]", info.ref).tell(Fall(n))
            await done.wait()
            span = watch.lap(n)
            (info,) = await top.ask(WhichChildren())
    check(info.restarts, n, "restarts")
    return (span,)


async def tree(n: int) -> tuple[Span, ...]:
    """Start a tree of three levels with n workers below 100 supervisors, and stop it; cold."""
    leaves = [props(Fragile)] * max(1, n // 100)
    middle = [props(Supervisor, leaves)] * 10
    async with ActorSystem("bench") as system:
        watch = Stopwatch()
        top = system.spawn(props(Supervisor, [props(Supervisor, middle)] * 10))
        await top.started()
        started = watch.lap(n)
        actors = system.snapshot().actors
        watch.lap(1)
        top.stop()
        await top.stopped()
        stopped = watch.lap(n)
        check(actors, 100 * len(leaves) + 111, "actors")
        check(system.snapshot().actors, 0, "actors left")
    return started, stopped


async def storm(n: int) -> tuple[list[float], float]:
    """N temporary children crash, RATE a second: how late timers are, and bytes grown by."""
    late: list[float] = []
    with quiet():
        async with ActorSystem("bench") as system:
            top = system.spawn(DynamicSupervisor)
            system.spawn(Metronome, late)
            begin, before = anyio.current_time(), 0
            for done in range(1, n + 1):
                child = await top.ask(StartChild(props(Fragile).restart("temporary")))
                child.tell(Fail())
                if done % 50 == 0:
                    ahead = begin + done / RATE - anyio.current_time()
                    await anyio.sleep(max(0.0, ahead))
                if done == n // 5:
                    before = resident() if HAS_RSS else 0
            after = resident() if HAS_RSS else 0
            await seen(late)
            check(system.snapshot().actors <= 2 + 50, True, "children that are left")
    return late, max(0, after - before)


async def crash_loop(seconds: float) -> tuple[int, list[float], float]:
    """One permanent child crashes as fast as it can: restarts, lateness, bytes grown by."""
    late: list[float] = []
    with quiet():
        async with ActorSystem("bench", drain=0.01) as system:
            top = system.spawn(props(Supervisor, [props(Doomed)], intensity=10**6))
            system.spawn(Metronome, late)
            await anyio.sleep(seconds / 5)
            before = resident() if HAS_RSS else 0
            await anyio.sleep(seconds)
            after = resident() if HAS_RSS else 0
            await seen(late)
            (info,) = await top.ask(WhichChildren())
    return info.restarts, late, max(0, after - before)

"""Runs the programs of the corpus as plain asyncio tests, to compare: one order of events each.

With a source of chance it is a stress test: clients begin in any order, at any moment.

It gives a scenario what it wants of a world, out of a system on an event loop and a clock that is
moved by hand.  What a plain test sees is what the scenario asserts, and crashes in the log.  Faults
are not injected, as a plain test injects none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from random import Random
from typing import Any, TypeVar

from airssys_rt import ActorSystem
from airssys_rt.core.ref import AnyRef
from airssys_rt.kernel.ending import kill
from airssys_rt.kernel.ref import cell_of
from airssys_rt.testing import World
from tests.testing.corpus.base import Program
from tests.virtual import VirtualClock, turns

__all__ = ["found_by_a_plain_test"]

T = TypeVar("T")
LIMIT = 0.5  # seconds that a plain test waits before it gives up
MOMENTS = 40  # turns of the loop after which a client of a stress test has begun


class Crashes(logging.Handler):
    """Counts failures that are logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """One more."""
        self.count += 1


# Any: it stands for a world, to which the actors' checks and the scenarios are written
class Plain(World):
    """A system on an event loop, with the verbs of a world."""

    def __init__(self, clock: VirtualClock, chance: Random | None) -> None:
        ActorSystem.__init__(self, "plain", clock=clock)
        self.clock = clock
        self.chance = chance

    async def settle(self) -> None:
        """Let everything happen that can happen now."""
        for _ in range(3):
            await turns(20)
            await ActorSystem.drain(self, 1.0)

    async def sleep(self, seconds: float) -> None:
        """Move the clock for all."""
        await turns(20)
        self.clock.jump(seconds)
        await turns(20)

    async def gather(self, *works: Coroutine[Any, Any, T]) -> list[T]:
        """Clients as tasks."""
        chance = self.chance
        if chance is None:
            return list(await asyncio.gather(*works))

        async def some_time(work: Coroutine[Any, Any, T], moments: int) -> T:
            await turns(moments)
            return await work

        moments = [chance.randrange(MOMENTS) for _ in works]
        return list(await asyncio.gather(*map(some_time, works, moments)))

    async def drain(self, timeout: float | None = None) -> bool:
        """As a system does."""
        return await ActorSystem.drain(self, timeout)

    def state(self, ref: AnyRef) -> Any:
        """The actor behind a ref."""
        return cell_of(ref).actor

    def kill(self, ref: AnyRef) -> None:
        """As a world does."""
        kill(cell_of(ref))

    def inject(self, *_actors: AnyRef | str, **_chances: Any) -> None:
        """No faults."""

    def lossy(self, *_ends: AnyRef | str, **_chances: Any) -> None:
        """No faults."""

    def calm(self) -> None:
        """There are none."""

    def waive(self, *_laws: str) -> None:
        """There are none."""


def found_by_a_plain_test(program: Program) -> bool:
    """Whether one run on asyncio tells the faulty program from its twin."""
    return fails(program, faulty=True) and not fails(program, faulty=False)


def fails(
    program: Program, *, faulty: bool, chance: Random | None = None, limit: float = LIMIT
) -> bool:
    """Whether a run raises, hangs, or has an actor crash."""
    crashes = Crashes()
    logger = logging.getLogger("airssys_rt")
    logger.addHandler(crashes)
    spreads, logger.propagate = logger.propagate, False
    try:
        asyncio.run(one_run(program, faulty, chance, limit))
    except Exception:
        return True
    finally:
        logger.removeHandler(crashes)
        logger.propagate = spreads
    return crashes.count > 0


async def one_run(program: Program, faulty: bool, chance: Random | None, limit: float) -> None:
    clock = VirtualClock()
    plain = Plain(clock, chance)
    ending: asyncio.Task[None] | None = None
    try:
        async with asyncio.timeout(limit), plain:
            try:
                await program.body(plain, faulty)
                await plain.settle()
            except BaseException:
                # a handler that hangs is given the shutdown's time, which passes on this clock only
                ending = asyncio.create_task(time_passes(clock))
                raise
    finally:
        if ending is not None:
            ending.cancel()


async def time_passes(clock: VirtualClock) -> None:
    """Move the clock on and on."""
    while True:
        await turns(20)
        clock.jump(1.0)

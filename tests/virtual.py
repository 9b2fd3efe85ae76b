"""A clock that stands still until a test moves it, and ways to let a system settle."""

from __future__ import annotations

import anyio
import anyio.lowlevel

from airssys_rt import ActorSystem

TURNS = 12  # of the event loop: for the timekeeper to wake, fire, and sleep again


class VirtualClock:
    """Virtual seconds; `advance` is the only thing that moves them."""

    def __init__(self, start: float = 100.0) -> None:
        self._now = start
        self._sleepers: list[tuple[float, anyio.Event]] = []

    def now(self) -> float:
        return self._now

    async def sleep_until(self, when: float) -> None:
        if when <= self._now:
            await anyio.lowlevel.checkpoint()
            return
        entry = (when, anyio.Event())
        self._sleepers.append(entry)
        try:
            await entry[1].wait()
        finally:
            self._sleepers.remove(entry)

    def jump(self, seconds: float) -> None:
        """Move the time; who sleeps that long wakes at the event loop's next turn."""
        self._now += seconds
        for when, event in self._sleepers:
            if when <= self._now:
                event.set()


async def turns(count: int = TURNS) -> None:
    """Let the event loop run."""
    for _ in range(count):
        await anyio.lowlevel.checkpoint()


async def advance(system: ActorSystem, clock: VirtualClock, seconds: float) -> None:
    """Move the time in one jump and let everything that follows from it happen."""
    await system.drain()
    await turns()
    clock.jump(seconds)
    await turns()
    await system.drain()

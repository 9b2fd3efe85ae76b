"""The timekeeper: one task that wakes at the earliest deadline of a system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from airssys_rt.kernel.due import next_due, on_time

if TYPE_CHECKING:
    from airssys_rt.kernel.clock import Clock
    from airssys_rt.kernel.scheduler import Scheduler
    from airssys_rt.runtime.backend import Backend

__all__ = ["LoopClock", "Timekeeper"]


class LoopClock:
    """The event loop's own time."""

    def now(self) -> float:
        """Monotonic time, in seconds."""
        return anyio.current_time()

    async def sleep_until(self, when: float) -> None:
        """Return at `when`."""
        await anyio.sleep(max(0.0, when - anyio.current_time()))


class Timekeeper:
    """Sleeps until something is due; woken earlier when something earlier comes up."""

    def __init__(self, scheduler: Scheduler, clock: Clock, backend: Backend) -> None:
        self._scheduler = scheduler
        self._backend = backend
        self._clock = clock
        self._scope: anyio.CancelScope | None = None
        self._armed: float | None = None
        self._closed = False

    def arm(self, deadline: float) -> None:
        """Wake at `deadline`, at the latest."""
        if self._armed is None or deadline < self._armed:
            self._armed = deadline
            if self._scope is not None:
                self._scope.cancel()

    def start(self) -> None:
        """Run in a task; in another one, if somebody cancelled that before its first step."""
        self._backend.start(self.run, self._lost)

    def _lost(self) -> None:
        if not self._closed and not self._backend.deserted:
            self.start()

    async def run(self) -> None:
        """Fire what is due until closed."""
        while not self._closed:
            try:
                with anyio.CancelScope(shield=True) as scope:
                    self._scope = scope
                    self._armed = next_due(self._scheduler)
                    if self._armed is None:
                        await anyio.sleep_forever()
                    else:
                        await self._clock.sleep_until(self._armed)
            except self._backend.cancelled:
                # the loop ends; whoever entered the system needs time to leave it
                if self._backend.deserted:
                    return
            self._scope = None
            on_time(self._scheduler)

    def close(self) -> None:
        """End the task."""
        self._closed = True
        if self._scope is not None:
            self._scope.cancel()

"""The timekeeper: one task that wakes at the earliest deadline of a system.

Where time is virtual, a carrier with nothing to do need not wait for that task: if nothing else in
the program can happen before, it leaps to the deadline itself.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary, ref

import anyio

from airssys_rt.kernel.due import fire, next_due, on_time

if TYPE_CHECKING:
    from airssys_rt.kernel.clock import Clock
    from airssys_rt.kernel.scheduler import Scheduler
    from airssys_rt.runtime.backend import Backend

__all__ = ["LEAPERS", "Leaper", "LoopClock", "Timekeeper"]


class Leaper(Protocol):
    """An event loop's virtual time, as the engine may set it."""

    def idle(self) -> bool:
        """Whether the loop has nothing to do now but what runs."""
        ...

    def leap(self, when: float) -> bool:
        """Set the time, unless something in the loop is due until then; False if so."""
        ...


# of loops with virtual time, by what times them: the loop, or its clock
LEAPERS: WeakKeyDictionary[object, ref[Leaper]] = WeakKeyDictionary()


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
        self._lent = False  # the deadline is taken back, as long as a carrier leaps
        by_loop = isinstance(clock, LoopClock)
        found = LEAPERS.get(backend.timed_by) if by_loop else None
        self._leaper = found() if found is not None else None

    @property
    def leaps(self) -> bool:
        """Whether time is the loop's, and virtual."""
        return self._leaper is not None

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
                    elif self._leaper is not None:
                        scope.deadline = self._armed  # which `leap` can take back
                        await anyio.sleep_forever()
                    else:
                        await self._clock.sleep_until(self._armed)
            except self._backend.cancelled:
                # the loop ends; whoever entered the system needs time to leave it
                if self._backend.deserted:
                    return
            self._scope = None
            on_time(self._scheduler)

    def leap(self) -> bool:
        """Have happen what is due next, now, if time can be set to that; called by a carrier.

        The carrier that was told True calls `take_back` before it lets anybody else run.
        """
        leaper, scope = self._leaper, self._scope
        if leaper is None or scope is None or scope.cancel_called or not leaper.idle():
            return False
        due = next_due(self._scheduler)
        if due is None:
            return False
        if not self._lent:
            scope.deadline = inf  # this is not what may be due in the loop
            self._lent = True
        if not leaper.leap(due):
            return False
        fire(self._scheduler, due)
        return True

    def take_back(self) -> None:
        """The deadline is the task's own again."""
        if self._lent:
            self._lent = False
            self._armed = next_due(self._scheduler)
            if self._scope is not None:
                self._scope.deadline = inf if self._armed is None else self._armed

    def close(self) -> None:
        """End the task."""
        self._closed = True
        if self._scope is not None:
            self._scope.cancel()

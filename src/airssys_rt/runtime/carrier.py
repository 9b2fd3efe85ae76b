"""Carriers: the tasks that run the scheduler, and stay with a handler that suspends.

An awake carrier runs slices.  When an async handler suspends in one, the carrier stays with it
until it is over, so that the handler lives in one task from its first step to its last, and other
carriers take over the run queue.  Idle carriers sleep in a stack.

Laws: a coroutine is never resumed on another carrier; after a kill, or a cancellation of its task,
a carrier touches no other cell and retires; whatever exception ends a handler, its cell is settled
and the carrier's task ends without one; if anything is ready, some carrier is awake.
"""

from __future__ import annotations

from collections.abc import Generator
from types import coroutine
from typing import TYPE_CHECKING, Any

import anyio

from airssys_rt.kernel.due import on_time
from airssys_rt.kernel.life import later

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.kernel.scheduler import Scheduler
    from airssys_rt.kernel.suspension import Suspension
    from airssys_rt.runtime.backend import Backend
    from airssys_rt.runtime.timekeeper import Timekeeper

__all__ = ["Carrier", "CarrierPool", "drive"]

KEEP = 64  # idle carriers that are kept
TRIM_AFTER = 5.0  # seconds that more than KEEP are kept, for the next burst
BURST = 256  # carriers woken at once, at most
LEAPS = 1000  # of virtual time, between two turns of the loop
KEEP_BOXES = 512  # empty mailboxes that are kept when nothing is to do


# Any: what a coroutine yields is a matter between it and the event loop
@coroutine
def drive(
    scheduler: Scheduler, suspension: Suspension
) -> Generator[Any, Any, tuple[Any, BaseException | None]]:
    """Run a suspended handler to its end in this task; its result, or what it raised."""
    cell, coro, run = suspension.cell, suspension.coro, suspension.context.run
    yielded = suspension.yielded
    while True:
        thrown: BaseException | None = None
        try:
            sent = yield yielded
        except GeneratorExit:  # the loop died under us
            coro.close()
            raise
        except BaseException as error:
            thrown, sent = error, None
        scheduler.current = cell
        try:
            yielded = run(coro.send, sent) if thrown is None else run(coro.throw, thrown)
        except StopIteration as stop:
            return stop.value, None
        except BaseException as error:
            return None, error
        finally:
            scheduler.current = None


class Carrier:
    """One task of the pool."""

    __slots__ = ("_pool", "begun", "lead", "retire", "wake")

    def __init__(self, pool: CarrierPool) -> None:
        self._pool = pool
        self.wake: Callable[[], object] | None = None
        self.begun = False
        self.retire = False
        self.lead = True  # the first of those woken at once: it begins a time slice

    async def run(self) -> None:
        """Run slices until the pool closes or this carrier must retire."""
        pool = self._pool
        scheduler, backend = pool.scheduler, pool.backend
        awake = self.begun = True
        try:
            with anyio.CancelScope(shield=True) as scope:
                fresh, leaps = self.lead, 0
                while not self.retire:
                    suspension = scheduler.run_slice(fresh=fresh)
                    if suspension is not None:
                        cell = suspension.cell
                        suspension.scope = scope
                        if cell.rich is not None and cell.rich.killed:
                            scope.cancel()
                        awake = False
                        pool.leave()
                        result, error = await drive(scheduler, suspension)
                        awake = True
                        scheduler.rise()
                        scheduler.finish(suspension, result, error)
                        ended = scope.cancel_called or isinstance(error, backend.cancelled)
                        del cell, suspension, result, error  # an idle carrier keeps nothing alive
                        if ended:
                            return
                        fresh = scheduler.awake == 1
                    elif scheduler.ready and scheduler.awake == 1:
                        await backend.turn()
                        on_time(scheduler)  # the timekeeper's turn may come only after a slice
                        fresh = True
                    elif pool.keeper is not None and pool.at_rest(self) and pool.keeper.leap():
                        leaps += 1
                        if leaps % LEAPS == 0:  # threads and sockets have their turn as well
                            pool.keeper.take_back()
                            await backend.turn()
                        fresh = True
                    else:
                        awake = False
                        if pool.rest(self):
                            return
                        await backend.sleep(self)
                        awake = True
                        fresh = self.lead
        except backend.cancelled:
            # somebody cancelled this very task while it slept, or as it was woken
            awake = awake or not pool.forget(self)
        finally:
            if awake:
                scheduler.fall()
            pool.replace()

    def lost(self) -> None:
        """Its task was cancelled: if that was before its first step, nothing was settled."""
        if not self.begun:
            self._pool.scheduler.fall()
            self._pool.replace()


class CarrierPool:
    """The carriers of a system."""

    def __init__(self, scheduler: Scheduler, backend: Backend) -> None:
        self.scheduler = scheduler
        self.backend = backend
        self.keeper: Timekeeper | None = None  # where time is virtual: lets it pass
        self._idle: list[Carrier] = []
        self._burst = 1
        self._used = 0  # handlers that suspended since a burst was woken
        self._wasted = False  # the time slice was spent before all of the burst had a part in it
        self._trimming = False
        self.closed = False

    @property
    def idle(self) -> int:
        """How many carriers sleep."""
        return len(self._idle)

    def unpark(self, *, lead: bool = True) -> None:
        """Wake a carrier, or make one."""
        if self.closed:
            return
        self.scheduler.rise()
        if self._idle:
            carrier = self._idle.pop()
            carrier.lead = lead
            if carrier.wake is not None:
                carrier.wake()
        else:
            carrier = Carrier(self)
            carrier.lead = lead
            # not in the context of whoever woke the engine
            self.backend.start(carrier.run, carrier.lost, self.scheduler.context.copy())

    def leave(self) -> None:
        """A carrier stays with a suspended handler: others take over the run queue.

        When handlers suspend one after the other, ever more carriers are woken ahead, so that
        the loop need not turn once for each.
        """
        scheduler = self.scheduler
        if self.keeper is not None:
            self.keeper.take_back()
        scheduler.fall()
        self._used += 1
        if scheduler.awake or not scheduler.ready:
            return
        wanted = self._used + 1 if self._wasted else self._burst * 2
        self._burst = min(wanted, BURST, max(1, len(scheduler.ready)))
        self._used, self._wasted = 0, False
        self.unpark()
        while scheduler.awake < self._burst:
            self.unpark(lead=False)

    def at_rest(self, carrier: Carrier) -> bool:
        """Whether this is the last carrier at work, and nothing is to do or to be told."""
        scheduler = self.scheduler
        idle = scheduler.awake == 1 and not scheduler.ready and not scheduler.quiet
        return idle and not carrier.retire and not self.closed

    def rest(self, carrier: Carrier) -> bool:
        """A carrier found nothing to do; True if it must go."""
        scheduler = self.scheduler
        if self.keeper is not None:
            self.keeper.take_back()
        scheduler.fall()
        if self.closed:  # nobody would wake it
            return True
        if not scheduler.ready:
            self._burst = 1
            del scheduler.pool[KEEP_BOXES:]
            if scheduler.quiet and not scheduler.suspended:
                scheduler.settle_quiet()
        else:
            self._wasted = True
            if not scheduler.awake:
                self.unpark()
        self._idle.append(carrier)
        if len(self._idle) > KEEP and not self._trimming and not self.closed:
            self._trimming = True
            later(scheduler, TRIM_AFTER, self._trim)
        return False

    def _trim(self) -> None:
        self._trimming = False
        surplus, self._idle = self._idle[:-KEEP], self._idle[-KEEP:]
        for carrier in surplus:
            self._dismiss(carrier)

    def _dismiss(self, carrier: Carrier) -> None:
        carrier.retire = True
        self.scheduler.rise()
        if carrier.wake is not None:
            carrier.wake()

    def forget(self, carrier: Carrier) -> bool:
        """A carrier's task was cancelled; True if it slept, False if it had been woken."""
        if carrier not in self._idle:
            return False
        self._idle.remove(carrier)
        return True

    def replace(self) -> None:
        """A carrier retires: if it was the last one awake, another takes over."""
        if self.keeper is not None:
            self.keeper.take_back()
        if not self.scheduler.awake and self.scheduler.ready:
            self.unpark()

    def close(self) -> None:
        """Let all idle carriers go."""
        self.closed = True
        idle, self._idle = self._idle, []
        for carrier in idle:
            self._dismiss(carrier)

"""The engine's port, filled with an event loop, a log and topics."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel

from airssys_rt.core.signals import DeadLetter, Stuck
from airssys_rt.kernel.life import later
from airssys_rt.runtime.crashlog import EVERY, CrashLog
from airssys_rt.runtime.offload import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from airssys_rt.core.signals import LifecycleEvent
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.clock import Clock
    from airssys_rt.kernel.jobs import Job
    from airssys_rt.kernel.scheduler import Scheduler
    from airssys_rt.kernel.waits import Wait
    from airssys_rt.naming.topic import Topic
    from airssys_rt.runtime.backend import Backend
    from airssys_rt.runtime.carrier import CarrierPool
    from airssys_rt.runtime.timekeeper import Timekeeper
    from airssys_rt.runtime.workers import Crew

__all__ = ["RuntimePort"]


class RuntimePort:
    """What the engine needs of the world; `ActorSystem` puts the parts in."""

    crew: Crew
    pool: CarrierPool
    timekeeper: Timekeeper
    scheduler: Scheduler
    dead_letters: Topic[DeadLetter]
    events: Topic[LifecycleEvent]

    def __init__(
        self,
        name: str,
        backend: Backend,
        clock: Clock | None,
        on_fatal: Callable[[BaseException], None],
    ) -> None:
        self.backend = backend
        self.now = backend.now if clock is None else clock.now
        self.wait: Callable[[Wait], Coroutine[Any, Any, None]] = backend.sleep
        self.soon = backend.soon
        self.here, self.home = backend.here, backend.home
        self.log = CrashLog(name)
        self.fatal = on_fatal

    def unpark(self) -> None:
        """Wake a carrier."""
        self.pool.unpark()

    def arm(self, deadline: float) -> None:
        """Have the timekeeper look at the earliest deadline."""
        self.timekeeper.arm(deadline)

    async def checkpoint(self) -> None:
        """Let the loop run, and be cancelled here if the task is."""
        await anyio.lowlevel.checkpoint()

    def start_job(self, job: Job) -> None:
        """Run a job in a task of its own, in the context of who starts it."""
        self.backend.start(lambda: self.run_job(job), lambda: self._lost_job(job))

    def _lost_job(self, job: Job) -> None:
        """A job's task was cancelled; perhaps before its first step."""
        if not job.over:
            job.coro.close()
            job.finished(None, ForeignCancellation(self.backend.cancelled()))

    async def run_job(self, job: Job) -> None:
        """Run a job's coroutine to its end, in a task of its own."""
        HOST.set(self.crew)  # it may have been started by a handler that ran for an ask
        result: Any = None  # Any: whatever the user's coroutine returns
        failure: BaseException | None = None
        if not job.live:  # cancelled before its first step
            job.coro.close()
            job.finished(None, None)
            return
        try:
            with anyio.CancelScope(shield=True) as scope:
                job.scope = scope
                try:
                    result = await job.coro
                except BaseException as error:
                    failure = error
                    if scope.cancel_called and isinstance(error, self.backend.cancelled):
                        raise
        except self.backend.cancelled as error:
            failure = error
        finally:
            if isinstance(failure, self.backend.cancelled) and job.live:
                # not by us: for the actor a failure like any other
                failure = ForeignCancellation(failure)
            job.finished(result, failure)

    def stack(self, cell: Cell) -> str:
        """Where the cell's suspended handler, or a job that does not end, is."""
        # Any: what coroutines yield and are sent is the event loop's matter
        coro: Any = cell.suspension.coro if cell.suspension is not None else None
        if coro is None and cell.rich is not None and cell.rich.jobs:
            coro = next(iter(cell.rich.jobs)).coro
        lines: list[str] = []
        while coro is not None:
            frame = getattr(coro, "cr_frame", None) or getattr(coro, "gi_frame", None)
            if frame is not None:
                lines += traceback.format_stack(frame, limit=1)
            coro = getattr(coro, "cr_await", None) or getattr(coro, "gi_yieldfrom", None)
        return "".join(lines) or "  (no Python frame: it runs in another thread or in C)"

    def failure(self, cell: Cell, error: BaseException, doing: str) -> None:
        """Log a failure, once."""
        self.log.failure(cell, error, doing)

    def dead_letter(self, letter: DeadLetter) -> None:
        """Count, log and publish a dead letter."""
        self.scheduler.buried += 1
        if self.log.dead_letter(letter, self.now()):
            later(self.scheduler, EVERY, self.log.flush)
        # a listener that is full or over must not hear of the letters that it causes
        if not isinstance(letter.message, DeadLetter):
            self.dead_letters.spread(letter)

    def event(self, event: LifecycleEvent) -> None:
        """Publish a step of an actor's life."""
        if isinstance(event, Stuck):
            self.log.stuck(event)
        self.events.spread(event)


class ForeignCancellation(Exception):
    """A job's coroutine was cancelled by somebody else than its actor."""

    def __init__(self, error: BaseException) -> None:
        super().__init__("the job was cancelled by something outside its actor")
        self.__cause__ = error

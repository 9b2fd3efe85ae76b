"""Jobs: work that an actor started with `pipe`, running in a task beside it.

Laws: a job belongs to one incarnation and is over before that incarnation is; its result arrives
as a message of the actor's own, unless the job was cancelled before that message is handled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.errors import ActorStopped
from airssys_rt.kernel.mailbox import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.ports import Scope

__all__ = ["Job", "start_job"]


class Job:
    """Work started by `self.pipe(...)`; made by the engine only."""

    __slots__ = ("_cell", "_failed", "_number", "_ok", "coro", "live", "over", "scope")

    # Any: the coroutine's result, and the messages made of it, are the user's
    def __init__(
        self,
        cell: Cell,
        coro: Coroutine[Any, Any, Any],
        ok: Callable[[Any], Any],
        failed: Callable[[Exception], Any],
    ) -> None:
        self._cell = cell
        self._number = cell.incarnation
        self._ok: Callable[[Any], Any] | None = ok
        self._failed: Callable[[Exception], Any] | None = failed
        self.coro = coro
        self.live = True
        self.over = False
        self.scope: Scope | None = None

    def cancel(self) -> None:
        """End the work; no message arrives after this call.  Harmless when it is over."""
        self.live = False
        # they may hold a ReplyTo, which must be collected, not wait for the garbage collector
        self._ok = self._failed = None
        if self.scope is not None and not self.over:
            self.scope.cancel()

    def finished(self, result: Any, error: BaseException | None) -> None:
        """Called by the runtime when the coroutine is over; cancelled jobs are not live."""
        self.over = True
        cell = self._cell
        rich = cell.more
        if rich.jobs is not None:
            rich.jobs.discard(self)
        if self.live:
            if error is None:
                cell.put(Notice(result, self, self._ok))
            elif isinstance(error, Exception):
                cell.put(Notice(error, self, self._failed))
            else:
                cell.signal("broken", (error, repr(self)), first=True)
            self._ok = self._failed = None
        elif isinstance(error, (KeyboardInterrupt, SystemExit)):
            cell.signal("broken", (error, repr(self)), first=True)
        if rich.ending is not None and not rich.jobs:
            cell.signal("proceed")

    def taken(self) -> bool:
        """The result is about to be handled: not by the incarnation after the job's."""
        return self._cell.incarnation == self._number

    def __repr__(self) -> str:
        return f"<job {getattr(self.coro, '__qualname__', self.coro)!s} of {self._cell.path}>"


# Any: see Job
def start_job(
    cell: Cell,
    work: Coroutine[Any, Any, Any],
    ok: Callable[[Any], Any],
    failed: Callable[[Exception], Any],
) -> Job:
    """Start work in a task of the running incarnation."""
    more = cell.more
    if more.ending is not None:
        work.close()
        raise ActorStopped(
            f"{cell.path} starts no more work: it is stopping",
            why="its jobs end before it does",
            mend="start the work earlier, or await it in post_stop",
        )
    job = Job(cell, work, ok, failed)
    if more.jobs is None:
        more.jobs = set()
    more.jobs.add(job)
    cell.scheduler.port.start_job(job)
    return job

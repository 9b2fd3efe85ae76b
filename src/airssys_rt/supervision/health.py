"""Health checks: a child is asked `Health` again and again, and restarted if it is not well.

Laws: one check at a time, none while the child starts or is down; `threshold` failed checks in a
row end the incarnation, and only that one; a check never waits for a full mailbox.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airssys_rt.core.health import Health
from airssys_rt.core.signals import brief
from airssys_rt.errors import ActorError, Unhealthy
from airssys_rt.kernel.ending import limit
from airssys_rt.kernel.failing import crash
from airssys_rt.kernel.life import Life, later
from airssys_rt.kernel.mailbox import BoundedBox, full_error
from airssys_rt.kernel.ref import ActorRef
from airssys_rt.kernel.waits import Call

if TYPE_CHECKING:
    from airssys_rt.core.health import HealthCheck
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.timers import Callback

__all__ = ["Checker"]


class Checker:
    """Checks one incarnation."""

    __slots__ = ("_call", "_cell", "_check", "_failed", "_incarnation", "_on", "_timer")

    def __init__(self, cell: Cell, check: HealthCheck) -> None:
        self._cell = cell
        self._check = check
        self._incarnation = cell.incarnation
        self._failed = 0
        self._call: Call | None = None
        self._on = True
        self._timer: Callback = later(cell.scheduler, check.interval, self._ask)

    def stop(self) -> None:
        """Check no more."""
        self._on = False
        if self._timer.live:
            self._timer.disarm()
            self._cell.scheduler.timers.dropped(self._timer)
        if self._call is not None:
            self._call.give_up()

    def _ask(self) -> None:
        cell, scheduler = self._cell, self._cell.scheduler
        if not self._on or cell.life != Life.RUNNING or cell.incarnation != self._incarnation:
            return
        self._call = call = Call(Health(), cell, None)
        call.wake = self._answered
        now = scheduler.now()
        due = scheduler.deadlines.add(call, self._check.timeout, now)
        scheduler.port.arm(due)
        box = cell.box
        if isinstance(box, BoundedBox) and box.load >= box.capacity:
            call.fail(full_error(cell))  # and no message of a user's is dropped for it
            return
        try:
            ActorRef[Health](cell).submit(call)
        except ActorError as error:
            call.fail(error)

    def _answered(self) -> None:
        call, self._call = self._call, None
        cell = self._cell
        if call is None or not self._on or cell.incarnation != self._incarnation:
            return
        why = "it answered False"
        try:
            well = call.result() is True
        except Exception as raised:
            well, why = False, brief(raised)
        self._failed = 0 if well else self._failed + 1
        if self._failed < self._check.threshold:
            self._timer = later(cell.scheduler, self._check.interval, self._ask)
        elif cell.life == Life.RUNNING:
            self._on = False
            error = Unhealthy(
                f"{cell.path} is not well: {self._failed} health checks failed in a row",
                where=f"incarnation {cell.incarnation}",
                why=why,
                mend="see what holds its handlers, or give .health(...) more time",
            )
            crash(cell, error, "its health check")
            limit(cell)

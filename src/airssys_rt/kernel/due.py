"""What is due: the one place where time makes something happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airssys_rt.kernel.steps import expire

if TYPE_CHECKING:
    from airssys_rt.kernel.scheduler import Scheduler

__all__ = ["fire", "next_due", "on_time"]


def next_due(scheduler: Scheduler) -> float | None:
    """When `on_time` must be called next, on the scheduler's clock; None: not before a change."""
    timer, deadline = scheduler.timers.next(), scheduler.deadlines.next()
    if timer is None or (deadline is not None and deadline < timer):
        return deadline
    return timer


def on_time(scheduler: Scheduler) -> None:
    """Expire the asks and fire the timers that are due."""
    now = scheduler.now()
    due = next_due(scheduler)
    if due is not None and due <= now:
        fire(scheduler, now)


def fire(scheduler: Scheduler, now: float) -> None:
    """Expire the asks and fire the timers that are due at `now`."""
    for wait in scheduler.deadlines.expired(now):
        expire(wait)
    scheduler.timers.fire(now)

"""Where an actor is in its life: the table of states, and what every part of life needs.

new -> starting -> running -> stopping -> dead

A slot that gets another incarnation is `down` in between: stopping -> down -> starting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from airssys_rt.kernel.timers import Callback

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.scheduler import Scheduler

__all__ = ["TRANSITIONS", "Life", "killed", "later", "move", "settle_waiters"]


class Life:
    """Where in its life an actor is: plain strings, which the table looks up fast."""

    NEW: Final = "new"
    STARTING: Final = "starting"
    RUNNING: Final = "running"
    STOPPING: Final = "stopping"
    DOWN: Final = "down"
    DEAD: Final = "dead"


# what happens -> the life that it is for -> the life after it
TRANSITIONS: dict[str, dict[str, str]] = {
    "construct": {Life.NEW: Life.STARTING, Life.DOWN: Life.STARTING},
    "started": {Life.STARTING: Life.RUNNING},
    "end": {
        Life.NEW: Life.STOPPING,
        Life.STARTING: Life.STOPPING,
        Life.RUNNING: Life.STOPPING,
    },
    "down": {Life.STOPPING: Life.DOWN},
    "over": {Life.STOPPING: Life.DEAD, Life.DOWN: Life.DEAD},
}


def move(cell: Cell, event: str) -> None:
    """Take the transition of the table."""
    cell.life = TRANSITIONS[event][cell.life]


def killed(cell: Cell) -> bool:
    """Whether the running incarnation was killed."""
    return cell.rich is not None and cell.rich.killed


def settle_waiters(cell: Cell, what: str, error: Exception | None = None) -> None:
    """Answer those who await the actor's start or end."""
    rich = cell.rich
    if rich is None or not rich.waiters:
        return
    due = [wait for kind, wait in rich.waiters if kind == what]
    rich.waiters = tuple(entry for entry in rich.waiters if entry[0] != what)
    for wait in due:
        if error is None:
            wait.settle(cell.outcome)
        else:
            wait.fail(error)


def later(scheduler: Scheduler, seconds: float, action: Callable[[], float | None]) -> Callback:
    """An alarm of the engine's own."""
    alarm = Callback(scheduler.now() + seconds, action)
    if scheduler.timers.add(alarm):
        scheduler.port.arm(alarm.when)
    return alarm

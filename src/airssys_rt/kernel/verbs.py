"""The timer verbs of actors: setting, replacing and cancelling by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.errors import ActorStopped, BadArgument
from airssys_rt.kernel.ref import check_timeout
from airssys_rt.kernel.timers import ReceiveTimeout, Timer

if TYPE_CHECKING:
    from collections.abc import Hashable

    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.ref import ActorRef

__all__ = ["needed", "cancel_timer", "set_receive_timeout", "set_timer"]


# Any: a message of the target's union
def set_timer(
    cell: Cell,
    to: ActorRef[Any] | None,
    seconds: float,
    msg: Any,
    key: Hashable,
    *,
    periodic: bool = False,
) -> Timer:
    """Start a timer of the cell's incarnation; one with the same key is replaced."""
    check_timeout(seconds)
    more = cell.more
    check_alive(cell)
    if more.timers is None:
        more.timers = {}
    if key is not None and key in more.timers:
        more.timers[key].cancel()
    when = cell.scheduler.now() + seconds
    timer = Timer(cell, to, when, msg, key, seconds if periodic else None)
    more.timers[timer.key] = timer
    queue(cell, timer)
    return timer


def set_receive_timeout(cell: Cell, seconds: float | None, msg: Any) -> None:
    """Start, replace or end the cell's receive timeout."""
    if seconds is not None:
        check_timeout(seconds)
        check_alive(cell)
    more = cell.more
    if more.receive_timeout is not None:
        more.receive_timeout.cancel()
        more.receive_timeout = None
    if seconds is not None:
        timer = ReceiveTimeout(cell, cell.scheduler.now(), seconds, msg)
        more.receive_timeout = timer
        queue(cell, timer)
    cell.set_fast()


def cancel_timer(cell: Cell, key: Hashable | Timer) -> bool:
    """Cancel by key, or one timer; False if no such timer is due."""
    rich = cell.rich
    wanted = key.key if isinstance(key, Timer) else key
    timer = rich.timers.get(wanted) if rich is not None and rich.timers else None
    if timer is None or (isinstance(key, Timer) and timer is not key):
        return False
    timer.cancel()
    return True


# Any: a message of the actor's union
def needed(msg: Any) -> Any:
    """The message of a timeout.  Raises `BadArgument` if there is none."""
    if msg is None:
        raise BadArgument(
            "a timeout was set without a message",
            why="the actor is told of the timeout by a message of its union",
            mend="give the message behind the seconds; None for the seconds ends the timeout",
        )
    return msg


def queue(cell: Cell, timer: Timer) -> None:
    """Put a timer into the system's queue."""
    scheduler = cell.scheduler
    if scheduler.timers.add(timer):
        scheduler.port.arm(timer.when)


def check_alive(cell: Cell) -> None:
    """Raise if the incarnation is ending: its timers are over already."""
    if cell.outcome is not None or (cell.rich is not None and cell.rich.ending is not None):
        raise ActorStopped(
            f"{cell.path} sets no more timers: it is stopping",
            why="a timer never arrives after the actor's end",
            mend="set it earlier",
        )

"""What a ref's user is told who is in the wrong thread, or too late."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from airssys_rt.errors import ActorStopped, WrongThread

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.runqueue import RunQueue

__all__ = ["beside", "system_closed", "wrong_thread"]


def beside() -> bool:
    """Whether threads run Python beside each other: then every `tell` has to look where it is."""
    # Any: there from Python 3.13 on
    ask: Any = getattr(sys, "_is_gil_enabled", None)
    return ask is not None and not ask()


def system_closed(scheduler: RunQueue, where: str = "") -> ActorStopped:
    """The error for a system that was left."""
    return ActorStopped(
        f"the system {scheduler.name!r} is closed",
        where=where,
        why="its `async with` block was left",
        mend="use refs only inside the block",
    )


def wrong_thread(scheduler: RunQueue, cell: Cell) -> ActorStopped | WrongThread:
    """The error for a ref used from a thread that is not the system's."""
    if not scheduler.open:
        return system_closed(scheduler, cell.path)
    return WrongThread(
        f"{cell.path} was used from another thread than its system's",
        why="the engine runs in one thread and takes no locks",
        mend="use ref.tell_from_thread(msg), or blocking(ActorSystem(...))",
    )

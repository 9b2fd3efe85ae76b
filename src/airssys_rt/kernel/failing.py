"""How an incarnation fails: reported once, and ended as its own next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airssys_rt.core.signals import Crashed
from airssys_rt.kernel.failure import failed
from airssys_rt.kernel.life import Life, killed

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Cell

__all__ = ["broken", "crash", "end_program"]


def crash(cell: Cell, error: BaseException, doing: str) -> None:
    """The incarnation fails: report it once, and end it as its own next step."""
    end_program(cell, error)
    if killed(cell) or cell.life in (Life.STOPPING, Life.DOWN, Life.DEAD):
        cell.scheduler.port.failure(cell, error, doing)
        return
    scheduler = cell.scheduler
    reason = failed(error)
    scheduler.port.failure(cell, error, doing)
    if scheduler.observed:
        ref = scheduler.make_ref(cell)
        scheduler.port.event(Crashed(ref, cell.path, cell.incarnation, reason))
    cell.signal("end", reason, first=True)


def end_program(cell: Cell, error: BaseException) -> None:
    """End the system if that is what the exception asks for."""
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
        cell.scheduler.port.fatal(error)


def broken(cell: Cell, argument: tuple[BaseException, str]) -> bool:
    """Something that the actor started raised what it must not."""
    crash(cell, *argument)
    return True

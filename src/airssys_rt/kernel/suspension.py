"""Suspensions: what the scheduler hands to a carrier when an async handler suspends."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import TYPE_CHECKING, Any

from airssys_rt.kernel.mailbox import Parked

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.ports import Scope

__all__ = ["Done", "Suspension", "park"]

# Any: what a handler returns, and what its coroutine yields and is sent
Done = Callable[["Cell", Any, BaseException | None], bool]


class Suspension:
    """An async handler that has suspended: a carrier drives it to its end, then calls `done`."""

    __slots__ = ("cell", "context", "coro", "done", "scope", "yielded")

    def __init__(
        self,
        cell: Cell,
        coro: Coroutine[Any, Any, Any],
        context: Context,
        yielded: Any,
        done: Done,
    ) -> None:
        self.cell = cell
        self.coro = coro
        self.context = context
        self.yielded = yielded
        self.done = done
        self.scope: Scope | None = None  # what it runs under, once a carrier has it


def park(cell: Cell, coro: Coroutine[Any, Any, Any], done: Done) -> None:
    """Leave a coroutine that came up during an inline ask to a carrier."""
    cell.suspension = parked = Parked(cell, coro, done)
    cell.scheduler.suspended += 1
    cell.scheduler.adopter.put(parked)

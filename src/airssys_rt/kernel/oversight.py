"""What the kernel wants of whoever restarts an actor's children; `supervision` fills it.

The kernel keeps a slot between two incarnations and says what happened in it; when, and with whom,
it is started again is decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from airssys_rt.core.signals import ExitReason
    from airssys_rt.kernel.cell import Cell

__all__ = ["Oversight"]


class Oversight(Protocol):
    """The overseer of one actor's children; each call only records, and acts as a later step."""

    def adopt(self, child: Cell) -> None:
        """A child that may be restarted was spawned."""
        ...

    def started(self, child: Cell) -> None:
        """The child's `pre_start` has returned."""
        ...

    def down(self, child: Cell, reason: ExitReason) -> None:
        """An incarnation is over; its slot waits for the next one."""
        ...

    def over(self, child: Cell, reason: ExitReason) -> None:
        """The child is over for good."""
        ...

    def interrupt(self) -> None:
        """The supervisor is to end: it waits no more for children that start."""
        ...

    def close(self) -> None:
        """The supervisor's own incarnation ends: nobody is restarted any more."""
        ...

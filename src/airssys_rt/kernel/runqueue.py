"""The run queue, and how a `tell` gets its cell into it.

`push` is what a `tell` calls when it has made an idle cell busy.  While a carrier is awake it is
the queue's own `append`, which asks no thread; else it is `rouse`, which asks, and wakes one.

Laws: whoever finds `push` to be `append` has queued before that carrier looks at the queue for the
last time; a `tell` in another thread either leaves no trace and raises, or counts like any other.
Both stand on this: between a function's entry and its next call, CPython runs no other thread.
"""

from __future__ import annotations

from collections import deque
from threading import get_ident
from typing import TYPE_CHECKING

from airssys_rt.kernel.inbox import Inbox
from airssys_rt.kernel.mailbox import EMPTY
from airssys_rt.kernel.misuse import wrong_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.ports import Port

__all__ = ["RunQueue"]


class RunQueue:
    """The cells with something to do, and who will look at them."""

    # an instance of more than 30 attributes has a slower dictionary, and the engine has more
    __slots__ = (
        "awake",
        "here",
        "home",
        "inbox",
        "name",
        "open",
        "port",
        "push",
        "ready",
        "thread",
    )

    def __init__(self, port: Port, name: str, idle: Callable[[], object]) -> None:
        self.port = port
        self.name = name
        self.here, self.home = port.here, port.home  # the same question, faster asked
        self.thread = get_ident()
        self.open = True
        self.ready: deque[Cell] = deque()
        self.awake = 0  # carriers that will look at `ready` without being woken
        self.push: Callable[[Cell], object] = self.rouse
        self.inbox = Inbox(port.soon, idle)

    def enqueue(self, cell: Cell) -> None:
        """Put a cell that has something to do at the end of the run queue."""
        self.ready.append(cell)
        if not self.awake:
            self.port.unpark()

    def rouse(self, cell: Cell) -> None:
        """Queue a cell that a `tell` has just made busy, while no carrier is awake."""
        if self.here() is not self.home and get_ident() != self.thread:
            if cell.box is cell:  # nobody has seen it busy
                cell.first = EMPTY
                cell.box = None
                raise self.wrong_thread(cell)
            # the engine has put something behind the message: it must be handled
            self.ready.append(cell)
            self.inbox.put(self._look)
            return
        self.ready.append(cell)
        if not self.awake:
            self.port.unpark()

    def _look(self) -> None:
        if self.ready and not self.awake:
            self.port.unpark()

    def rise(self) -> None:
        """A carrier is awake: it will look at the run queue without being woken."""
        self.awake += 1
        self.push = self.ready.append

    def fall(self) -> None:
        """A carrier will not look any more, but for once when this has returned."""
        self.awake -= 1
        if not self.awake:
            self.push = self.rouse

    def check_thread(self, cell: Cell) -> None:
        """Raise in another thread than the system's."""
        if self.here() is not self.home and get_ident() != self.thread:
            raise self.wrong_thread(cell)

    wrong_thread = wrong_thread  # the error for who is not in the system's thread

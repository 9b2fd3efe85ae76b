"""The run queue, and how a `tell` gets its cell into it.

`push` is what a `tell` calls when it has made an idle cell busy.  While a carrier is awake it is
the queue's own `append`, which asks no thread; else it is `rouse`, which asks, and wakes one.

Who was idle and gets an ask, a timer's message or an order need not wait behind a long queue: it
goes to the `lane`, from which the hot loop takes every other batch.

Laws: while there is a cell in the lane, there is one in `ready`, so that whoever asks whether there
is something to do asks `ready` alone; of two batches at least one is of `ready`; whoever finds
`push` to be `append` has queued before that carrier looks at the queue for the last time; a `tell`
in another thread either leaves no trace and raises, or counts like any other.  The last two stand
on this: between a function's entry and its next call, CPython runs no other thread.
"""

from __future__ import annotations

from collections import deque
from threading import get_ident
from typing import TYPE_CHECKING

from airssys_rt.kernel.inbox import Inbox
from airssys_rt.kernel.mailbox import EMPTY
from airssys_rt.kernel.misuse import system_closed, wrong_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.ports import Port

__all__ = ["LONG", "RunQueue"]

LONG = 16  # cells: a queue that is longer is not waited through by who was idle


class RunQueue:
    """The cells with something to do, and who will look at them."""

    # an instance of more than 30 attributes has a slower dictionary, and the engine has more
    __slots__ = (
        "awake",
        "hasty",
        "here",
        "home",
        "inbox",
        "lane",
        "long",
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
        self.lane: deque[Cell] = deque()  # see the head of this file
        self.long = LONG
        self.hasty = False  # the last batch was of the lane
        self.awake = 0  # carriers that will look at `ready` without being woken
        self.push: Callable[[Cell], object] = self.rouse
        self.inbox = Inbox(port.soon, idle)

    def enqueue(self, cell: Cell) -> None:
        """Put a cell that has something to do at the end of the run queue."""
        self.ready.append(cell)
        if not self.awake:
            self.port.unpark()

    def hasten(self, cell: Cell) -> None:
        """Queue a cell that was idle and gets something that is not just told."""
        (self.ready if len(self.ready) <= self.long else self.lane).append(cell)
        if not self.awake:
            self.port.unpark()

    def unqueue(self, cell: Cell) -> None:
        """Take a queued cell back out."""
        (self.ready if cell in self.ready else self.lane).remove(cell)

    def next_of(self, queue: deque[Cell], lane: deque[Cell]) -> deque[Cell]:
        """Where the next batch comes from: by turns, while there is something in the lane."""
        self.hasty = bool(lane) and not self.hasty
        return lane if self.hasty else queue

    def short(self, cell: Cell) -> bool:
        """Whether a cell of the lane has so little left that it may stay there."""
        box = cell.box
        return box is cell or len(box) <= self.long

    def spill(self) -> None:
        """The run queue is empty: the lane is all there is."""
        self.ready.extend(self.lane)
        self.lane.clear()

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

    def check_open(self) -> None:
        """Raise if the system was left."""
        if not self.open:
            raise system_closed(self)

    wrong_thread = wrong_thread  # the error for who is not in the system's thread

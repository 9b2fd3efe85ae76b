"""Coroutines of a simulated world: suspended handlers, jobs, and the scenario itself.

The world steps them: they may await what this library and the world give them.  Whatever else a
coroutine yields is foreign: it is told so by a `ForeignAwait` at that very await.
"""

from __future__ import annotations

from contextvars import copy_context
from heapq import heappush
from types import coroutine
from typing import TYPE_CHECKING, Any

from airssys_rt.errors import AskTimeout, ForeignAwait
from airssys_rt.kernel.waits import FAILED, Call, Wait
from airssys_rt.testing.net import Option

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator
    from contextvars import Context

    from airssys_rt.kernel.cell import Cell
    from airssys_rt.testing.net import Net

__all__ = ["Cancelled", "Task", "nap", "until"]

# Any throughout: what a coroutine yields and is sent, and what it returns


class Cancelled(BaseException):
    """What ends a handler or a job that is killed or cancelled in a world."""


class Nap:
    """A sleep on the world's clock."""

    __slots__ = ("when",)

    def __init__(self, when: float) -> None:
        self.when = when


@coroutine
def give(what: object) -> Generator[Any, Any, None]:
    """Suspend, and tell the world until when."""
    yield what


async def until(wait: Wait) -> None:
    """Suspend until a wait is done."""
    await give(wait)


async def nap(when: float) -> None:
    """Suspend until a time."""
    await give(Nap(when))


class Task(Option):
    """A coroutine that the world steps."""

    __slots__ = (
        "cell",
        "context",
        "coro",
        "done",
        "giver",
        "item",
        "over",
        "sender",
        "since",
        "tag",
        "throw",
        "waiting",
    )

    kind = "task"

    def __init__(
        self,
        net: Net,
        coro: Coroutine[Any, Any, Any],
        done: Callable[[Any, BaseException | None], object],
        *,
        tag: str,
        sender: object = None,
        cell: Cell | None = None,
        context: Context | None = None,
    ) -> None:
        super().__init__(net)
        self.coro = coro
        self.done = done
        self.tag = tag
        self.sender = self if sender is None else sender
        self.cell = cell
        self.context = context or copy_context()
        self.since = 0
        self.throw: BaseException | None = None
        self.waiting: Any = None
        self.over = False
        self.giver: str | None = None  # who has answered what it waited for; None: its own clock
        self.item: Any = None  # the item that a suspended handler handles
        net.tasks.append(self)

    @property
    def age(self) -> int:
        """Since when it can go on."""
        return self.since

    @property
    def name(self) -> str:
        """Whose it is."""
        return f"{self.tag}~"

    def wake(self) -> None:
        """It can go on."""
        if self.place < 0 and not self.over:
            net = self.net
            net.count += 1
            self.since = net.count
            net.enable(self)

    def answered(self) -> None:
        """What it waits for has come; a partition may hold it."""
        wait, net = self.waiting, self.net
        self.giver = giver_of(net, wait)
        if not (net.parted and net.hold_reply(self)):
            self.wake()

    @property
    def reply(self) -> Wait | None:
        """The answer by somebody else that its next step gets, if that is one."""
        wait = self.waiting
        if self.giver is not None and isinstance(wait, Wait) and wait.done:
            return wait
        return None

    def cancel(self) -> None:
        """Have it end at its next step (a kill, a cancelled job)."""
        if not self.over:
            self.throw = Cancelled()
            self.wake()

    def run(self) -> None:
        """One step: up to its next suspension."""
        net = self.net
        net.disable(self)
        waited, self.waiting, self.giver = self.waiting, None, None
        if isinstance(waited, Wait):
            waited.wake = None
            if waited.state == FAILED and isinstance(waited.value, AskTimeout):
                net.expired.append((self, waited))
        net.active = self.sender
        scheduler = net.scheduler
        scheduler.current = self.cell
        thrown, self.throw = self.throw, None
        try:
            if thrown is None:
                yielded = self.context.run(self.coro.send, None)
            else:
                yielded = self.context.run(self.coro.throw, thrown)
        except StopIteration as stop:
            self.end(stop.value, None)
        except BaseException as error:
            self.end(None, error)
        else:
            self.park(yielded)
        scheduler.current = None
        net.active = None
        if net.booked and self.cell is not None:
            net.book_task(self.cell, self.item)

    def end(self, result: Any, error: BaseException | None) -> None:
        """It is over."""
        self.over = True
        self.net.tasks.remove(self)
        self.done(result, error)

    def park(self, yielded: Any) -> None:
        """See to it that it goes on when what it awaits has come."""
        if isinstance(yielded, Wait):
            self.waiting = yielded
            if yielded.done:
                self.wake()
            else:
                yielded.wake = self.answered
        elif isinstance(yielded, Nap):
            self.waiting = yielded
            net = self.net
            net.count += 1
            heappush(net.naps, (yielded.when, net.count, self))
        elif yielded is None:  # a bare checkpoint
            self.wake()
        else:
            self.throw = foreign(self, yielded)
            self.wake()


def giver_of(net: Net, wait: Any) -> str | None:
    """Who answers a wait now: whom it waits for, or who holds the deferred reply."""
    if wait.target is not None:
        own = net.active is None and isinstance(wait.value, AskTimeout)  # its deadline
        return None if own else net.posts[wait.target].tag
    return getattr(net.active, "tag", None) if isinstance(wait, Call) else None


def foreign(task: Task, yielded: object) -> ForeignAwait:
    """What a coroutine gets that awaits something of an event loop's."""
    return ForeignAwait(
        f"{task.tag} awaits {yielded!r}, which is not the world's",
        where=getattr(task.coro, "__qualname__", ""),
        why="a world steps handlers itself, without an event loop, so that a run replays exactly",
        mend="await what this library gives, or world.sleep(); keep the foreign part behind an"
        " actor that the scenario replaces",
    )

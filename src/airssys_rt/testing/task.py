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
from airssys_rt.testing.scopes import Cancelled, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator
    from contextvars import Context

    from airssys_rt.kernel.cell import Cell
    from airssys_rt.testing.net import Net

__all__ = ["Cancelled", "Task", "nap", "step", "until"]

# Any throughout: what a coroutine yields and is sent, and what it returns


class Nap:
    """A sleep on the world's clock."""

    __slots__ = ("task", "when")

    def __init__(self, when: float) -> None:
        self.when = when
        self.task: Task | None = None

    @property
    def over(self) -> bool:
        """Whether nobody sleeps any more."""
        return self.task is None or self.task.over or self.task.waiting is not self

    def wake(self) -> None:
        """The time has come."""
        if self.task is not None and not self.over:
            self.task.wake()


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


async def step() -> None:
    """Suspend, and go on when the schedule says so."""
    await give(None)


class Task(Option):
    """A coroutine that the world steps."""

    __slots__ = (
        "cell",
        "context",
        "coro",
        "done",
        "giver",
        "item",
        "killed",
        "over",
        "scopes",
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
        self.killed = False  # and a shield keeps that off
        self.scopes: list[Scope] = []  # around where it waits
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
        if self.over:
            return
        if Scope.shielded(self.scopes):
            self.killed = True
        else:
            self.throw = Cancelled()
            self.wake()

    def interrupt(self) -> None:
        """A scope around where it waits is cancelled."""
        if self.place < 0 and not self.over and self.net.runner is not self:
            self.throw = self.cancelled()
            if self.throw is not None:
                self.wake()

    def cancelled(self) -> Cancelled | None:
        """What it gets at an await, if it is killed or in a cancelled scope."""
        if self.killed and not Scope.shielded(self.scopes):
            self.killed = False
            return Cancelled()
        scope = Scope.pending(self.scopes)
        if scope is None:
            return None
        error = Cancelled()
        error.scope = scope
        return error

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
        net.runner = self
        net.scopes = self.scopes
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
        net.active = net.runner = None
        net.scopes = []
        if net.supervised is not None and self.cell is not None:
            net.supervised.after(self.cell)
        if net.booked and self.cell is not None:
            net.book_task(self.cell, self.item)

    def end(self, result: Any, error: BaseException | None) -> None:
        """It is over."""
        self.over = True
        if self.place >= 0:  # it was cancelled by its last step
            self.net.disable(self)
        self.net.tasks.remove(self)
        self.done(result, error)

    def park(self, yielded: Any) -> None:
        """See to it that it goes on when what it awaits has come."""
        if self.scopes or self.killed:
            self.throw = self.cancelled()
            if self.throw is not None:
                self.waiting = yielded if isinstance(yielded, Wait) else None
                self.wake()
                return
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
            yielded.task = self
            heappush(net.naps, (yielded.when, net.count, yielded))
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

"""Waits and the graph of who waits for whom.

A `Wait` is one thing that somebody awaits: the reply to an ask (`Call`), room in a mailbox, a
start, an end.  Laws: a wait is settled once, later settlements are dropped; each cell has at most
one wait of its own (a handler awaits one thing at a time), so the graph is a set of chains and a
cycle is found by walking one chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.errors import ActorStopped, AskCycle, AskTimeout
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.mailbox import HASTY

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.kernel.cell import Cell

__all__ = [
    "ANSWERED",
    "FAILED",
    "OPEN",
    "Call",
    "StopEdge",
    "Wait",
    "check_cycle",
    "release_waiter",
    "wait_for_end",
    "would_cycle",
]


OPEN, ANSWERED, FAILED, GONE = range(4)  # the states of a wait; GONE: who waited has given up


class Wait:
    """Something awaited.  `asker` is the cell whose handler awaits it, None for other tasks."""

    __slots__ = ("asker", "deadline", "state", "target", "value", "wake")

    def __init__(self, target: Cell | None, asker: Cell | None) -> None:
        self.target = target  # None: the edge is removed (deferred)
        self.asker = asker
        self.state = OPEN
        # Any: a reply of whatever type, or the error
        self.value: Any = None
        self.wake: Callable[[], object] | None = None
        self.deadline = 0.0  # 0: none

    @property
    def done(self) -> bool:
        """Whether it has an outcome."""
        return self.state in (ANSWERED, FAILED)

    @property
    def gone(self) -> bool:
        """Whether who waited has given up."""
        return self.state == GONE

    def give_up(self) -> None:
        """Who waited does so no more."""
        if self.state == OPEN:
            self.state = GONE

    def settle(self, value: Any) -> bool:
        """Answer; False if that came too late."""
        if self.state != OPEN:
            return False
        self.state = ANSWERED
        self.value = value
        if self.wake is not None:
            self.wake()
        return True

    def fail(self, error: BaseException) -> bool:
        """Answer with an exception; False if that came too late."""
        if self.state != OPEN:
            return False
        self.state = FAILED
        self.value = error
        if self.wake is not None:
            self.wake()
        return True

    def result(self) -> Any:
        """The value, or raises the error."""
        if self.state == FAILED:
            # a fresh traceback for each raise: the error may be shared by several askers
            raise self.value.with_traceback(None)
        return self.value


class Call(Wait):
    """An ask: the request on its way to the target, and back with a reply.

    Made for every ask, so it sets only what is read before something else sets it: `value` comes
    with the outcome, `handler` when the handling starts.
    """

    __slots__ = ("handler", "msg")

    # Any: a request of whatever union
    def __init__(self, msg: Any, target: Cell, asker: Cell | None) -> None:
        self.target: Cell | None = target
        self.asker = asker
        self.state = OPEN
        self.wake = None
        self.deadline = 0.0
        self.msg = msg
        self.handler: Cell | None  # who must answer; None: stashed, forwarded or deferred

    # Any: a reply of whatever type
    def take(self) -> Any:
        """As `result`; the deadlines, which may know the call for long, keep an empty shell."""
        value = self.result()
        self.value = None
        return value

    @property
    def expired(self) -> bool:
        """Whether its deadline passed."""
        return self.state == FAILED and isinstance(self.value, AskTimeout)


HASTY.add(Call)


class StopEdge(Wait):
    """The wait of a stopping parent for its child: nobody awaits it, it only is an edge."""

    __slots__ = ()


def chain(start: Cell) -> list[Wait]:
    """The waits that lead from `start` onwards, up to a cell that waits for nobody."""
    found: list[Wait] = []
    cell: Cell | None = start
    while cell is not None:
        wait = cell.waiting
        if wait is None or wait.done or wait in found:
            break
        found.append(wait)
        cell = wait.target
    return found


def would_cycle(asker: Cell, target: Cell) -> list[Wait] | None:
    """The waits that lead from `target` back to `asker`; None if they do not."""
    if target is asker:
        return []
    if target.waiting is None:
        return None
    waits = chain(target)
    for index, wait in enumerate(waits):
        if wait.target is asker:
            return waits[: index + 1]
    return None


def cycle_error(asker: Cell, target: Cell, waits: list[Wait]) -> AskCycle | ActorStopped:
    """The error for the wait of `asker` for `target` that closes the cycle over `waits`."""
    if any(isinstance(wait, StopEdge) for wait in waits):
        doing = "restarting" if target.life == Life.DOWN else "stopping"
        return ActorStopped(
            f"{target.path} is {doing} and waits for {asker.path}",
            where=f"a wait in a handler of {asker.path}",
            why="a wait for an actor that waits for one's own end cannot be answered",
            mend="do not wait for who waits for one's own end or start; use self.pipe or tell",
        )
    cells = [asker, target, *(wait.target for wait in waits if wait.target is not None)]
    return AskCycle(tuple(cell.path for cell in cells))


def check_cycle(asker: Cell, target: Cell) -> None:
    """Raise if a wait of `asker` for `target` would close a cycle."""
    waits = would_cycle(asker, target)
    if waits is not None:
        raise cycle_error(asker, target, waits)


def release_waiter(parent: Cell, child: Cell) -> None:
    """`parent` begins to wait for `child`'s end: fail the wait that would keep it for ever."""
    waits = would_cycle(parent, child)
    if waits:
        first = waits[0]
        first.fail(cycle_error(child, parent, [StopEdge(child, parent)]))


def wait_for_end(edge: Wait, target: Cell) -> None:
    """Slots that are down share `edge`, and wait for `target`: it must not wait for them."""
    edge.target = target
    waits = chain(target)
    if edge in waits[1:]:
        slot = waits[waits.index(edge) - 1].target
        assert slot is not None
        waits[0].fail(cycle_error(target, slot, [edge]))

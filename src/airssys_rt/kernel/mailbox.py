"""Mailboxes, and what lies in them besides plain messages.

A plain mailbox is a deque, taken from a pool when the first message comes and given back when the
last is handled: an idle actor has none.  Special mailboxes are deques with another `append`, so
that an actor pays for a bound, for wire mode or for debug checks only where it asked for them.
Control items stand at the front and have classes that no dispatch table knows, so the hot loop
need not look for them.

Laws: `append` is what a sender calls; `appendleft` and `extendleft` are the engine's.  Signals,
timer, pipe and down messages are never counted against a bound nor dropped by it.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias
from weakref import ref

import msgspec

from airssys_rt.errors import BadArgument, MailboxFull

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from airssys_rt.core.signals import DeadReason
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.waits import Wait

__all__ = [
    "DRAIN_STOP",
    "EMPTY",
    "HASTY",
    "START",
    "TOKEN",
    "Adapted",
    "Bounded",
    "BoundedBox",
    "Box",
    "ClosedBox",
    "Control",
    "Errand",
    "DrainStop",
    "Grave",
    "GuardedBox",
    "HoldingBox",
    "Notice",
    "Parked",
    "Start",
    "Token",
    "full_error",
]

# Any: messages of whatever union, and the control items among them
Box: TypeAlias = deque[Any]
Overflow: TypeAlias = Literal["reject", "drop_newest", "drop_oldest"]


class Control:
    """An item that is an order to the cell, not a message."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what

    def __repr__(self) -> str:
        return f"<{self.what}>"


class Start(Control):
    """Construct the actor."""

    __slots__ = ()


class Token(Control):
    """There are signals to act on; stands at the very front."""

    __slots__ = ()


class DrainStop(Control):
    """Stop here, behind what was sent before."""

    __slots__ = ()


START = Start("start")
TOKEN = Token("signals")
EMPTY = Control("no message")
DRAIN_STOP = DrainStop("stop behind the messages")


class Errand(Control):
    """Something that the engine does as a step of the cell."""

    __slots__ = ("action", "args")

    # Any: the arguments of whatever is to be done
    def __init__(self, what: str, action: Callable[..., object], *args: Any) -> None:
        self.what = what
        self.action = action
        self.args = args


class Source(Protocol):
    """Where a notice comes from; the notice of a source that is not live is void."""

    @property
    def live(self) -> bool: ...

    def taken(self) -> bool:
        """The notice is about to be handled; False: do not handle it after all."""
        ...


class Notice:
    """A message of a timer, a job or a monitor: outside every bound, void with its source.

    `adapt`, where given, makes the message in the receiver's own step.
    """

    __slots__ = ("adapt", "msg", "source")

    # Any: a message of the receiver's union, or what `adapt` makes one of
    def __init__(self, msg: Any, source: Source, adapt: Callable[[Any], Any] | None = None) -> None:
        self.msg = msg
        self.source = source
        self.adapt = adapt


class Adapted:
    """A message sent to an adapter; the receiver's own step makes one of its union of it."""

    __slots__ = ("fn", "incarnation", "msg")

    # Any: a message of the adapter's type, and what the function makes of it
    def __init__(self, msg: Any, fn: Callable[[Any], Any], incarnation: int) -> None:
        self.msg = msg
        self.fn = fn
        self.incarnation = incarnation


class Parked:
    """A coroutine that came up during an inline ask, waiting for a carrier to adopt it."""

    __slots__ = ("cell", "coro", "done")

    # Any: what a handler returns, and what its coroutine yields and is sent
    def __init__(
        self,
        cell: Cell,
        coro: Coroutine[Any, Any, Any],
        done: Callable[[Cell, Any, BaseException | None], bool],
    ) -> None:
        self.cell = cell
        self.coro = coro
        self.done = done


class Bounded(msgspec.Struct, frozen=True):
    """A mailbox of at most `capacity` messages.

    On overflow `reject` raises `MailboxFull` at the sender; `drop_newest` and `drop_oldest` turn
    the message, or the oldest one waiting, into a dead letter.  Raises `BadArgument`.
    """

    capacity: int
    overflow: Overflow = "reject"

    def __post_init__(self) -> None:
        if self.capacity < 1 or self.capacity != int(self.capacity):
            raise BadArgument(
                f"a mailbox of capacity {self.capacity} could never take a message",
                mend="give a capacity of 1 or more",
            )
        if self.overflow not in ("reject", "drop_newest", "drop_oldest"):
            raise BadArgument(
                f"unknown overflow policy {self.overflow!r}",
                mend='use "reject", "drop_newest" or "drop_oldest"',
            )


class GuardedBox(Box):
    """A mailbox that looks at what is sent: debug mode, wire mode, bounds, refusal.

    `idle` says that the cell is neither in the run queue nor at work.
    """

    __slots__ = ("cell", "idle")

    def __init__(self, cell: Cell, *, idle: bool = True) -> None:
        super().__init__()
        self.cell = cell
        self.idle = idle

    def append(self, item: Any) -> None:
        """Admit what is sent, then queue it."""
        self.put(self.cell.scheduler.admit(self.cell, item))

    def put(self, item: Any) -> None:
        """Queue the item, unchecked, and wake the cell."""
        super().append(item)
        self.rouse()

    def rouse(self) -> None:
        """Put an idle cell into the run queue."""
        if self.idle:
            self.idle = False
            scheduler = self.cell.scheduler
            if type(self[0]) in HASTY:
                scheduler.hasten(self.cell)
            else:
                scheduler.enqueue(self.cell)


class BoundedBox(GuardedBox):
    """A mailbox that counts what senders put in and acts on overflow."""

    __slots__ = ("capacity", "front", "load", "overflow", "waiters")

    def __init__(self, cell: Cell, bound: Bounded) -> None:
        super().__init__(cell)
        self.capacity = bound.capacity
        self.overflow = bound.overflow
        self.load = 0  # messages that count against the bound
        self.front = 0  # items at the front that do not count (again)
        self.waiters: deque[tuple[Wait, Any]] = deque()

    def append(self, item: Any) -> None:
        """Admit what is sent, then queue it if there is room."""
        item = self.cell.scheduler.admit(self.cell, item)
        if self.load < self.capacity:
            self.load += 1
            self.put(item)
        elif self.overflow == "reject":
            raise full_error(self.cell)
        elif self.overflow == "drop_newest":
            self.cell.scheduler.refuse(item, self.cell, "overflow")
        else:
            oldest = self._take_oldest()
            self.put(item)
            self.cell.scheduler.refuse(oldest, self.cell, "overflow")

    def _take_oldest(self) -> Any:
        for index in range(self.front, len(self)):
            item = self[index]
            if type(item) not in UNCOUNTED:
                del self[index]
                return item
        raise AssertionError("a full mailbox holds a counted message")

    def appendleft(self, item: Any) -> None:
        """Put an item of the engine at the front; it does not count."""
        self.front += 1
        super().appendleft(item)

    def popleft(self) -> Any:
        """Take the next item, and let in who waits for the room."""
        item = super().popleft()
        if self.front:
            self.front -= 1
        elif type(item) not in UNCOUNTED:
            self.load -= 1
            self._admit_waiter()
        return item

    def _admit_waiter(self) -> None:
        while self.waiters and self.load < self.capacity:
            wait, item = self.waiters.popleft()
            if not wait.gone and not wait.done:
                self.load += 1
                super().put(item)
                wait.settle(None)

    def has_room(self) -> bool:
        """Whether a sender need not wait."""
        return self.load < self.capacity

    def wait_for_room(self, wait: Wait, item: Any) -> None:
        """Queue a sender; `wait` is settled when its message is in the mailbox."""
        self.waiters.append((wait, self.cell.scheduler.admit(self.cell, item)))


def full_error(cell: Cell) -> MailboxFull:
    """What the sender of a message gets for which there is no room."""
    bound = cell.spec.mailbox
    size = f" ({bound.capacity} messages)" if bound is not None else ""
    return MailboxFull(
        f"the mailbox of {cell.path} is full{size}",
        why="messages come faster than they are handled",
        mend="await ref.send(...) to wait for room, or choose another overflow policy",
    )


class ClosedBox(GuardedBox):
    """The mailbox of an actor that stops or is over: it refuses whatever is sent."""

    __slots__ = ("reason",)

    def __init__(self, cell: Cell, reason: DeadReason, *, idle: bool) -> None:
        super().__init__(cell, idle=idle)
        self.reason: DeadReason = reason

    def append(self, item: Any) -> None:
        """Turn the message into a dead letter, and tell its asker."""
        self.cell.scheduler.check_open()
        self.cell.scheduler.check_thread(self.cell)
        self.cell.scheduler.refuse(item, self.cell, self.reason)

    def put(self, item: Any) -> None:
        """The engine's own notices are refused like messages."""
        self.cell.scheduler.refuse(item, self.cell, self.reason)


class HoldingBox(GuardedBox):
    """The mailbox of a slot between two incarnations: messages wait in `inner`, orders pass."""

    __slots__ = ("inner",)

    def __init__(self, cell: Cell, inner: Box, *, idle: bool) -> None:
        super().__init__(cell, idle=idle)
        self.inner = inner

    def append(self, item: Any) -> None:
        """Keep what is sent for the next incarnation, under the rules of its mailbox."""
        self.cell.scheduler.check_thread(self.cell)
        self.inner.append(item)

    def put(self, item: Any) -> None:
        """Keep what the engine sends, too."""
        if isinstance(self.inner, GuardedBox):
            self.inner.put(item)
        else:
            self.inner.append(item)


class Grave(Box):
    """The mailbox of an actor that is over.

    It does not hold the cell, so that a dead actor is freed with its last ref, by no collector.
    """

    __slots__ = ("_cell", "idle", "reason")

    def __init__(self, cell: Cell, reason: DeadReason) -> None:
        super().__init__()
        self._cell = ref(cell)  # who sends holds a ref, and so the cell
        self.idle = False
        self.reason: DeadReason = reason

    def append(self, item: Any) -> None:
        """Turn the message into a dead letter, and tell its asker."""
        cell = self._cell()
        assert cell is not None
        cell.scheduler.check_open()
        cell.scheduler.check_thread(cell)
        cell.scheduler.refuse(item, cell, self.reason)

    def put(self, item: Any) -> None:
        """The engine's own notices are refused like messages."""
        cell = self._cell()
        assert cell is not None
        cell.scheduler.refuse(item, cell, self.reason)

    def appendleft(self, item: Any) -> None:
        """There are no orders to the dead."""

    def rouse(self) -> None:
        """Nothing wakes the dead."""


UNCOUNTED = frozenset({Notice, Start, Token, DrainStop, Errand})
# with these, who was idle does not wait through a long run queue
HASTY: set[type[Any]] = {Notice, Token, DrainStop, Errand}  # and `Call`, which enters itself

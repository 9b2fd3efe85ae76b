"""Timers: messages sent later, once or at a fixed rate, and the queue that holds them.

Laws: a timer that was cancelled, replaced or outlived never arrives, not even when its message is
queued already (the message is a `Notice`, void once the timer is not live); a periodic timer keeps
its rate, skips what it missed, and has at most one undelivered tick.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

from airssys_rt.kernel.mailbox import Notice

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.ref import ActorRef

__all__ = ["Alarm", "Callback", "ReceiveTimeout", "Timer", "TimerQueue"]

COMPACT = 256  # below so many dead entries the heap is left as it is


class Alarm:
    """Something that is due at a time.  `live` is False once it must not fire."""

    __slots__ = ("live", "queued", "when")

    def __init__(self, when: float) -> None:
        self.when = when
        self.live = True
        self.queued = False  # in the system's queue

    def fire(self, now: float) -> float | None:
        """Act; the time to act again, or None."""
        raise NotImplementedError


class Callback(Alarm):
    """The engine's own alarm."""

    __slots__ = ("action",)

    def __init__(self, when: float, action: Callable[[], float | None]) -> None:
        super().__init__(when)
        self.action = action

    def fire(self, now: float) -> float | None:
        """Run the action."""
        again = self.action()
        if again is None:
            self.live = False
        return again

    def disarm(self) -> None:
        """It is not needed any more, and holds nothing alive until it is due."""
        self.live = False
        self.action = nothing


def nothing() -> None:
    """What a disarmed alarm does."""


class Timer(Alarm):
    """A message that an actor will get; `cancel()` takes it back."""

    __slots__ = ("_interval", "_key", "_msg", "_owner", "_pending", "_to")

    # Any: a message of the target's union
    def __init__(
        self,
        owner: Cell,
        to: ActorRef[Any] | None,
        when: float,
        msg: Any,
        key: object,
        interval: float | None,
    ) -> None:
        super().__init__(when)
        self._owner = owner
        self._to = to  # None: the owner
        self._msg = msg
        self._key = self if key is None else key
        self._interval = interval
        self._pending = False

    @property
    def key(self) -> object:
        """What `cancel_timer` takes; the timer itself if no key was given."""
        return self._key

    def cancel(self) -> None:
        """Take the message back, even if it is queued.  Harmless when it has arrived."""
        if self.live:
            self.live = False
            self._msg = None  # it may hold a ReplyTo, which must be collected
            self._forget()
            self._owner.scheduler.timers.dropped(self)

    def fire(self, now: float) -> float | None:
        """Deliver the message, unless one is on its way."""
        if not self._pending:
            self._pending = True
            if self._to is None:
                self._owner.put(Notice(self._msg, self))
            else:
                self._to.notify(self._msg, self)
        if self._interval is None:
            return None
        missed = max(0.0, now - self.when) // self._interval
        return self.when + (missed + 1) * self._interval

    def taken(self) -> bool:
        """The message is about to be handled."""
        self._pending = False
        if self._interval is None:
            self.live = False
            self._forget()
        return True

    def _forget(self) -> None:
        rich = self._owner.rich
        timers = rich.timers if rich is not None else None
        if timers is not None and timers.get(self._key) is self:
            del timers[self._key]

    def __repr__(self) -> str:
        return f"<timer of {self._owner.path}: {type(self._msg).__name__}>"


class ReceiveTimeout(Timer):
    """A message for an actor that got no other for a while; then again, until it is cancelled.

    Messages only note the time; the alarm, when due, looks whether it was pushed back.
    """

    __slots__ = ("_seconds", "last")

    def __init__(self, owner: Cell, now: float, seconds: float, msg: Any) -> None:
        super().__init__(owner, None, now + seconds, msg, RECEIVE, None)
        self._seconds = seconds
        self.last = now

    def fire(self, now: float) -> float | None:
        """Deliver the message, if none was handled meanwhile."""
        due = self.last + self._seconds
        if now < due:
            return due
        if not self._pending:
            self._pending = True
            self._owner.put(Notice(self._msg, self))
        return now + self._seconds

    def taken(self) -> bool:
        """The message is about to be handled; void if another one came before it."""
        self._pending = False
        return self._owner.scheduler.now() >= self.last + self._seconds


STATE = "the state timeout"
RECEIVE = "the receive timeout"


class TimerQueue:
    """All alarms of a system, the earliest first; cancelled ones are swept out in bulk."""

    __slots__ = ("_dead", "_heap", "_order")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Alarm]] = []
        self._order = 0
        self._dead = 0

    def __len__(self) -> int:
        return len(self._heap) - self._dead

    def add(self, alarm: Alarm) -> bool:
        """Queue it; True if it is now the earliest."""
        self._order += 1
        alarm.queued = True
        heappush(self._heap, (alarm.when, self._order, alarm))
        return self._heap[0][2] is alarm

    def dropped(self, alarm: Alarm) -> None:
        """An alarm, that may still be queued, was cancelled."""
        if not alarm.queued:
            return
        self._dead += 1
        if self._dead > COMPACT and self._dead * 2 > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].live]
            heapify(self._heap)
            self._dead = 0

    def next(self) -> float | None:
        """When the earliest live alarm is due."""
        heap = self._heap
        while heap and not heap[0][2].live:
            heappop(heap)
            self._dead -= 1
        return heap[0][0] if heap else None

    def fire(self, now: float) -> None:
        """Fire what is due."""
        while (due := self.next()) is not None and due <= now:
            _, _, alarm = heappop(self._heap)
            alarm.queued = False
            again = alarm.fire(now)
            if again is not None and alarm.live:
                alarm.when = again
                self.add(alarm)

"""The cell, the timers and the stash of an actor under test: the engine's own, and they tell.

Each does what its base does and writes down what the actor did with it; nothing of the engine is
replaced.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from airssys_rt.core.ref import AnyRef
from airssys_rt.kernel.cell import Cell
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.mailbox import Adapted, Notice
from airssys_rt.kernel.more import More
from airssys_rt.kernel.timers import Alarm, ReceiveTimeout, Timer, TimerQueue
from airssys_rt.kernel.waits import Call
from airssys_rt.testing.effects import (
    Became,
    Effect,
    PutNext,
    Stashed,
    TimerCancelled,
    TimerSet,
    Unbecame,
    Unstashed,
)

__all__ = ["NotedCell", "NotedTimers", "message_of", "pending"]

Note = Callable[[Effect], None]

# Any throughout: messages of every protocol, and attributes of every type


def message_of(item: Any) -> Any:
    """The message in a mailbox item."""
    while isinstance(item, (Call, Notice, Adapted)):
        item = item.msg
    return item


class StashLog(deque[tuple[Any, bool]]):
    """A stash that tells what is put aside and what comes back."""

    def __init__(self, note: Note, entries: Iterable[tuple[Any, bool]] = ()) -> None:
        super().__init__(entries)
        self.note = note

    def append(self, entry: tuple[Any, bool], /) -> None:
        """As deque's."""
        super().append(entry)
        self.note(Stashed(message_of(entry[0])))

    def clear(self) -> None:
        """As deque's."""
        if self:
            self.note(Unstashed(len(self)))
        super().clear()


class NextLog(list[Any]):
    """The messages to go before the mailbox."""

    def __init__(self, note: Note) -> None:
        super().__init__()
        self.note = note

    def append(self, msg: Any, /) -> None:
        """As list's."""
        super().append(msg)
        self.note(PutNext(msg))


class NotedMore(More):
    """The rarely used part of the actor's cell."""

    __slots__ = ("note",)
    note: Note

    def __init__(self, note: Note) -> None:
        object.__setattr__(self, "note", note)
        super().__init__()

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "stash":  # never None: the engine appends to what it has just assigned
            gone = len(self.stash or ()) - len(value) if value is not None and self.has_stash else 0
            if gone > 0:
                self.note(Unstashed(gone))
            value = StashLog(self.note, value or ())
        elif name == "nexts" and value is not None:
            log = NextLog(self.note)
            for msg in value:
                log.append(msg)
            value = log
        object.__setattr__(self, name, value)

    @property
    def has_stash(self) -> bool:
        """Whether the constructor got so far."""
        return hasattr(self, "stash")


class NotedCell(Cell):
    """The cell of the actor under test."""

    __slots__ = ("depth", "last", "note")

    def __init__(self, note: Note, *args: Any) -> None:
        self.note = note
        self.depth = 0
        self.last: Any = None  # the latest instance
        super().__init__(*args)

    @property
    def more(self) -> More:
        """The rarely used part, made now if need be."""
        rich = self.rich
        if rich is None:
            rich = self.rich = NotedMore(self.note)
        return rich

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "state":
            rich: More | None = getattr(self, "rich", None)
            depth = len(rich.stack or ()) if rich is not None else 0
            first = getattr(self, "state", None) is None and self.life == Life.RUNNING
            if value is not None and not first:
                if depth < self.depth:
                    self.note(Unbecame(value.name))
                else:
                    self.note(Became(value.name, push=depth > self.depth))
            self.depth = depth if value is not None else 0
        elif name == "actor" and value is not None:
            self.last = value
        object.__setattr__(self, name, value)


class NotedTimers(TimerQueue):
    """The timers of a system, those of one actor noted."""

    __slots__ = ("firing", "known", "note", "now", "of")

    def __init__(self, note: Note, now: Callable[[], float]) -> None:
        super().__init__()
        self.note = note
        self.now = now
        self.of: Cell | None = None  # whose timers are noted
        self.firing = False
        self.known: dict[Alarm, TimerSet] = {}  # a cancelled timer has let go of its message

    def add(self, alarm: Alarm) -> bool:
        """As the base's."""
        if isinstance(alarm, Timer) and alarm._owner is self.of and not self.firing:
            self.known[alarm] = effect = as_effect(alarm, self.now())
            self.note(effect)
        return super().add(alarm)

    def dropped(self, alarm: Alarm) -> None:
        """As the base's."""
        super().dropped(alarm)
        effect = self.known.pop(alarm, None)
        if effect is not None:
            self.note(TimerCancelled(effect.message, effect.key))

    def fire(self, now: float) -> None:
        """As the base's."""
        self.firing = True
        try:
            super().fire(now)
        finally:
            self.firing = False


def as_effect(timer: Timer, now: float) -> TimerSet:
    """What was set."""
    if timer._interval is not None:
        seconds = timer._interval
    elif isinstance(timer, ReceiveTimeout):
        seconds = timer._seconds
    else:
        seconds = round(timer.when - now, 9)
    to: AnyRef | None = timer._to
    key: Any = None if timer._key is timer else timer._key
    return TimerSet(seconds, timer._msg, key, timer._interval is not None, to)


def pending(cell: Cell, now: float) -> list[TimerSet]:
    """The timers that are set, those due first in front, with the seconds that are left."""
    rich = cell.rich
    timers: list[Timer] = list((rich.timers or {}).values()) if rich is not None else []
    if rich is not None and rich.receive_timeout is not None:
        timers.append(rich.receive_timeout)
    live = sorted((timer for timer in timers if timer.live), key=lambda timer: timer.when)
    return [
        TimerSet(
            round(max(0.0, timer.when - now), 9),
            timer._msg,
            None if timer._key is timer else timer._key,
            timer._interval is not None,
            timer._to,
        )
        for timer in live
    ]

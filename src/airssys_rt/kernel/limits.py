"""The limits of a whole system: how many actors it has, how many messages wait in it.

A system without limits has no `Limits`, and its actors have the mailboxes that they have anyway.
With `max_queued` each gets one that keeps the system's count, too.

Laws: what is refused for `max_queued` is a dead letter (`overflow`), and `MailboxFull` for its
asker or its waiting sender; as with a bounded mailbox, orders to the cell and the engine's notices
do not count.  A limit is reported once when it first refuses something, and once when what it
counts has fallen to three quarters of it: a system that works at its limit does not report each
message.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from airssys_rt.core.signals import Overloaded, Relieved
from airssys_rt.errors import MailboxFull, TooManyActors
from airssys_rt.kernel.mailbox import Adapted, Bounded, BoundedBox, GuardedBox

if TYPE_CHECKING:
    from airssys_rt.core.signals import SystemLimit
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.scheduler import Scheduler

__all__ = ["CountedBox", "Limit", "Limits", "box_for"]

NONE = sys.maxsize
UNBOUNDED = Bounded(NONE)
REPORTS = frozenset({Overloaded, Relieved})


class Limit:
    """One number that must not be exceeded."""

    __slots__ = ("biting", "most", "name", "relief", "scheduler")

    def __init__(self, scheduler: Scheduler, name: SystemLimit, most: int | None) -> None:
        self.scheduler = scheduler
        self.name: SystemLimit = name
        self.most = NONE if most is None else most
        self.relief = -1 if most is None else most * 3 // 4
        self.biting = False

    def bite(self) -> None:
        """Something is refused."""
        if not self.biting:
            self.biting = True
            if self.scheduler.observed:
                self.scheduler.port.event(Overloaded("/", self.name, self.most))

    def fell(self, count: int) -> None:
        """What is counted is `count` now, which is less than it was."""
        if self.biting and count <= self.relief:
            self.biting = False
            if self.scheduler.observed:
                self.scheduler.port.event(Relieved("/", self.name, self.most))


class Limits:
    """The limits of a system, and the count of its messages.  Made before the first actor."""

    __slots__ = ("actors", "counted", "messages", "queued", "scheduler")

    def __init__(
        self, scheduler: Scheduler, max_actors: int | None, max_queued: int | None
    ) -> None:
        self.scheduler = scheduler
        self.actors = Limit(scheduler, "max_actors", max_actors)
        self.messages = Limit(scheduler, "max_queued", max_queued)
        self.counted = max_queued is not None
        self.queued = 0

        scheduler.limits = self
        if self.counted:
            scheduler.guarded = True  # each cell gets a special mailbox, see `box_for`

    @property
    def full(self) -> bool:
        """Whether no more messages may wait."""
        return self.queued >= self.messages.most

    def full_error(self, cell: Cell) -> MailboxFull:
        """What the sender of a message gets for which the system has no room."""
        most = self.messages.most
        return MailboxFull(
            f"the system is full ({most} messages wait), and {cell.path} takes no more",
            why=f"ActorSystem(max_queued={most}): messages come faster than they are handled",
            mend="send less, or bound the mailboxes of the actors whose messages pile up",
        )

    def check_spawn(self, parent: Cell) -> None:
        """Raise if there is no room for another actor."""
        limit = self.actors
        if self.scheduler.actors > limit.most:  # its root is one of them
            limit.bite()
            raise TooManyActors(
                f"{parent.path} spawns no more: the system has {limit.most} actors",
                why=f"ActorSystem(max_actors={limit.most})",
                mend="stop actors that are not needed, spawn later, or raise the limit",
            )

    def ended(self) -> None:
        """An actor is over."""
        self.actors.fell(self.scheduler.actors - 1)


class CountedBox(BoundedBox):
    """A mailbox, bounded or not, whose messages count in the whole system."""

    __slots__ = ("_load", "limits")

    def __init__(self, cell: Cell, bound: Bounded | None, limits: Limits) -> None:
        self._load = 0
        self.limits = limits
        super().__init__(cell, UNBOUNDED if bound is None else bound)

    # a slot of BoundedBox as a property here, so that no change of it escapes the system's count
    @property
    def load(self) -> int:
        """Messages that count against the bound."""
        return self._load

    @load.setter
    def load(self, load: int) -> None:
        limits = self.limits
        more = load - self._load
        self._load = load
        limits.queued += more
        if more < 0:
            limits.messages.fell(limits.queued)

    def append(self, item: Any) -> None:
        """Queue what is sent, if there is room in the system and in this mailbox."""
        limits = self.limits
        if limits.full and not is_report(item):
            item = self.cell.scheduler.admit(self.cell, item)
            limits.messages.bite()
            self.cell.scheduler.refuse(item, self.cell, "overflow")
        else:
            super().append(item)

    def has_room(self) -> bool:
        """Whether a sender need not wait; raises `MailboxFull` if the system has no room."""
        limits = self.limits
        if limits.full:
            limits.messages.bite()
            raise limits.full_error(self.cell)
        return super().has_room()


def is_report(item: Any) -> bool:
    """Whether it says that there is no room, or room again, and so must find some itself."""
    return type(item.msg if type(item) is Adapted else item) in REPORTS


def box_for(cell: Cell, bound: Bounded | None) -> GuardedBox:
    """A special mailbox for a cell, with the bound of its props."""
    limits = cell.scheduler.limits
    if limits is not None and limits.counted:
        return CountedBox(cell, bound, limits)
    return GuardedBox(cell) if bound is None else BoundedBox(cell, bound)

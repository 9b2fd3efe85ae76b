"""Groups: actors under one name, who all get what is broadcast (OTP: `pg`).

Laws: an actor is a member once, however often it joins; it is one until it leaves or is over for
good, so restarts change nothing; a broadcast is sent to the members in the order of their joining,
and one that is full, stopping or refuses hurts nobody else: its copy becomes a dead letter.
An empty group that nobody holds is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from typing_extensions import TypeVar

from airssys_rt.core.ref import AnyRef
from airssys_rt.kernel.ref import cell_of
from airssys_rt.naming.access import check_use, offer
from airssys_rt.naming.registry import resolved

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.ref import ActorRef
    from airssys_rt.kernel.scheduler import Scheduler

__all__ = ["Group"]

M = TypeVar("M")


class Group(Generic[M]):
    """Actors that accept `M`, in the order of their joining; made by `system.group(NAME)` only."""

    def __init__(self, scheduler: Scheduler, name: str) -> None:
        self._scheduler = scheduler
        self._name = name
        self.accepts: Any = None  # the union in `Name[...]`, once it is known; Any: of every kind
        self._members: dict[Cell, ActorRef[M]] = {}

    @property
    def name(self) -> str:
        """The group's name."""
        return self._name

    def join(self, ref: ActorRef[M], /) -> None:
        """Make the actor a member, until it leaves or is over for good.

        A member that joins again stays where it is; only the ref, which may be an adapter, is
        replaced.  Does nothing for an actor that is over.  Raises `WrongThread`, `ActorStopped`
        when the system was left.
        """
        self._check()
        cell = cell_of(ref)
        if cell.outcome is not None:
            return
        if cell.scheduler is not self._scheduler:  # to tell it must not fail later
            check_use(cell.scheduler, cell.path)
        if cell not in self._members:
            # this also holds the group, which is listed weakly, as long as it has members
            cell.more.when_over(self, lambda: self._members.pop(cell, None))
        self._members[cell] = resolved(ref)

    def leave(self, ref: ActorRef[M], /) -> None:
        """End the actor's membership; harmless if it has none.  Raises `WrongThread`."""
        if self._scheduler.open:  # else all memberships are over
            self._check()
        cell = cell_of(ref)
        if self._members.pop(cell, None) is not None and cell.rich is not None:
            cell.rich.not_when_over(self)

    def members(self) -> tuple[ActorRef[M], ...]:
        """The members, in the order of their joining."""
        return tuple(self._members.values())

    def broadcast(self, msg: M, /) -> None:
        """Tell it to all who are members now; to nobody, if there are none.

        A member that cannot take it makes a dead letter of its copy.  Raises as `join`.
        """
        self._check()
        for ref in list(self._members.values()):
            offer(ref, msg)

    def _check(self) -> None:
        check_use(self._scheduler, f"the group {self._name!r}")

    def __len__(self) -> int:
        return len(self._members)

    def __bool__(self) -> bool:
        return True  # an empty group is a group

    def __contains__(self, ref: object) -> bool:
        return isinstance(ref, AnyRef) and cell_of(ref) in self._members

    def __repr__(self) -> str:
        return f"<group {self._name}, {len(self)} members>"

"""What an actor needs only if it uses the feature: children, timers, stash, watchers, ..."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable
    from weakref import WeakSet

    from airssys_rt.core.protocol import State
    from airssys_rt.core.signals import ExitReason
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.jobs import Job
    from airssys_rt.kernel.links import Links
    from airssys_rt.kernel.oversight import Oversight
    from airssys_rt.kernel.reply import ReplyTo
    from airssys_rt.kernel.timers import Callback, ReceiveTimeout, Timer
    from airssys_rt.kernel.waits import Wait
    from airssys_rt.kernel.watch import Monitor

__all__ = ["NO_CHILDREN", "More"]


class More:
    """The rarely used part of a cell."""

    __slots__ = (
        "at_end",
        "children",
        "declared",
        "deferred",
        "ending",
        "jobs",
        "keep",
        "kill_timer",
        "killed",
        "last",
        "links",
        "monitors",
        "names",
        "nexts",
        "overseer",
        "post_stop_due",
        "receive_timeout",
        "signals",
        "stack",
        "stash",
        "timers",
        "waiters",
        "watchers",
    )

    def __init__(self) -> None:
        self.children: dict[Cell, None] = NO_CHILDREN  # in order of their spawning
        self.names: dict[str, Cell] | None = None  # of the children that were given one
        self.signals: list[tuple[str, Any]] = []
        self.stack: list[State] | None = None  # the behaviours below the current one
        self.stash: deque[tuple[Any, bool]] | None = None  # item, by policy
        self.nexts: list[Any] | None = None  # to go before the mailbox when the handler is over
        self.timers: dict[object, Timer] | None = None
        self.receive_timeout: ReceiveTimeout | None = None
        self.jobs: set[Job] | None = None
        self.monitors: set[Monitor] | None = None  # that this actor holds
        self.watchers: dict[Monitor, None] | None = None  # on this actor
        self.links: Links | None = None
        self.waiters: tuple[tuple[str, Wait], ...] = ()  # "started" or "stopped"
        self.deferred: WeakSet[ReplyTo[Any]] | None = None  # replies that are due
        self.ending: ExitReason | None = None  # why the running incarnation ends
        self.post_stop_due = False
        self.killed = False
        # whether the slot gets another incarnation: as ordered, or as decided when this one ends
        self.keep: bool | None = None
        # the children that its class declares, by place: their slots outlive its restart
        self.declared: dict[Cell, int] | None = None
        self.last: ExitReason | None = None  # why the last incarnation ended
        self.overseer: Oversight | None = None  # who restarts its children
        # what naming does at the slot's end, by whom
        self.at_end: dict[object, Callable[[], object]] | None = None
        self.kill_timer: Callback | None = None  # of its shutdown time

    def when_over(self, who: object, action: Callable[[], object]) -> None:
        """Have `action` called when the slot is over; it takes the place of an earlier one."""
        if self.at_end is None:
            self.at_end = {}
        self.at_end[who] = action

    def not_when_over(self, who: object) -> None:
        """Forget what `when_over` was told."""
        if self.at_end is not None:
            self.at_end.pop(who, None)


NO_CHILDREN: dict[Cell, None] = {}  # never written to

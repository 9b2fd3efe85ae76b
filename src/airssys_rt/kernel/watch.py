"""Monitors: an actor is told when another one ends.

A monitor watches a slot, whatever incarnation is in it.  Laws: exactly one `Down` with
`restarting=False` for each monitor, the last, also for a target that is over already; it arrives
behind everything that the target sent before; a monitor ends with the watcher's incarnation and
leaves nothing behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.core.signals import Down, Killed
from airssys_rt.errors import ActorStopped, ProtocolError
from airssys_rt.kernel.mailbox import Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.core.signals import ExitReason
    from airssys_rt.kernel.cell import Cell

__all__ = ["Monitor", "announce_down", "announce_end", "drop_monitors", "monitor"]


class Monitor:
    """One actor watching another; what `self.monitor(ref)` returns and `demonitor` takes."""

    __slots__ = ("_number", "_target", "_via", "_watcher", "live")

    # Any: `via` makes a message of the watcher's own union
    def __init__(self, watcher: Cell, target: Cell, via: Callable[[Down], Any] | None) -> None:
        self._watcher = watcher
        self._number = watcher.incarnation
        self._target = target
        self._via = via
        self.live = True

    def tell(self, reason: ExitReason, *, restarting: bool) -> None:
        """Deliver a `Down`; the last one takes the monitor out of both ends."""
        target = self._target
        ref = target.scheduler.make_ref(target)
        down = Down(ref, target.path, reason, target.incarnation, restarting)
        if not restarting:
            self.detach()
        self._watcher.put(Notice(down, self, self._via))

    def detach(self) -> None:
        """Forget the monitor at both ends; a `Down` that is queued still arrives."""
        watched = self._target.rich
        if watched is not None and watched.watchers is not None:
            watched.watchers.pop(self, None)
        holder = self._watcher.rich
        if holder is not None and holder.monitors is not None:
            holder.monitors.discard(self)

    def taken(self) -> bool:
        """The `Down` is about to be handled: not by the incarnation after the watcher's."""
        return self._watcher.incarnation == self._number

    def __repr__(self) -> str:
        return f"<monitor of {self._target.path} by {self._watcher.path}>"


# Any: see Monitor
def monitor(watcher: Cell, target: Cell, via: Callable[[Down], Any] | None) -> Monitor:
    """Have `watcher` told of the end of `target`.  Raises `ActorStopped` if it is ending."""
    own = watcher.rich
    if watcher.outcome is not None or (own is not None and own.ending is not None):
        raise ActorStopped(
            f"{watcher.path} monitors nobody any more: it is stopping",
            why="its monitors end before it does",
            mend="monitor earlier",
        )
    members = watcher.actor.__protocol__.members if watcher.actor is not None else None
    if via is None and members is not None and Down not in members:
        raise ProtocolError(
            f"{watcher.path} monitors {target.path} and does not accept Down",
            where=type(watcher.actor).__name__,
            why="the end of a monitored actor comes as a Down message",
            mend="add Down to its union with a handler @on(Down), or give monitor(ref, via=...)",
        )
    made = Monitor(watcher, target, via)
    if target.outcome is not None:
        made.tell(target.outcome, restarting=False)
    elif target.rich is not None and target.rich.killed and not target.rich.keep:
        made.tell(Killed(), restarting=False)
    else:
        more = target.more
        if more.watchers is None:
            more.watchers = {}
        more.watchers[made] = None
        holder = watcher.more
        if holder.monitors is None:
            holder.monitors = set()
        holder.monitors.add(made)
    return made


def announce_end(target: Cell, reason: ExitReason) -> None:
    """The slot is over: tell all who watch it."""
    rich = target.rich
    if rich is None or not rich.watchers:
        return
    watchers, rich.watchers = rich.watchers, None
    for watching in watchers:
        watching.tell(reason, restarting=False)


def announce_down(target: Cell, reason: ExitReason) -> None:
    """An incarnation is over and another one follows: tell all who watch the slot."""
    rich = target.rich
    if rich is None or not rich.watchers or not target.incarnation:
        return  # a slot that was stopped before its first incarnation has none that is over
    for watching in list(rich.watchers):
        watching.tell(reason, restarting=True)


def drop_monitors(watcher: Cell) -> None:
    """The watcher's incarnation is over: end the monitors that it holds."""
    rich = watcher.rich
    if rich is None or not rich.monitors:
        return
    for held in list(rich.monitors):
        held.live = False
        held.detach()
    rich.monitors = None

"""What an overseer knows of one child."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.kernel.ending import order
from airssys_rt.kernel.life import Life

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.props import Props, Spec
    from airssys_rt.kernel.reply import ReplyTo
    from airssys_rt.kernel.scheduler import Scheduler
    from airssys_rt.kernel.timers import Callback
    from airssys_rt.kernel.waits import Wait
    from airssys_rt.supervision.health import Checker

__all__ = ["Child", "reorder"]


class Child:
    """A child, with or without a slot: one that was terminated has none until it is restarted."""

    __slots__ = (
        "cell",
        "checker",
        "failing",
        "fresh",
        "name",
        "place",
        "props",
        "restarts",
        "retired",
        "settled",
        "row",
        "since",
        "starter",
        "terminators",
        "timer",
    )

    # Any: children of every protocol
    def __init__(self, cell: Cell | None, props: Props[Any] | None, now: float) -> None:
        self.cell = cell
        self.props = props  # of a declared one, to make its slot again
        self.name: str | None = None  # as which its slot is made again
        self.place: int | None = None  # among those that its supervisor declares
        self.fresh = False  # it was asked for and has not started yet
        self.restarts = 0
        self.row = 0  # restarts in a row, for the backoff
        self.since = now  # when the present incarnation was ordered
        self.timer: Callback | None = None  # of the backoff
        self.checker: Checker | None = None
        self.starter: ReplyTo[Any] | None = None  # who asked for it to be started
        self.terminators: tuple[ReplyTo[Any], ...] = ()  # who asked for its end
        self.settled = -1  # the last incarnation whose end needs no answer
        self.failing = False  # its restart did not succeed and is about to be tried again
        self.retired = False  # its end was ordered

    @property
    def spec(self) -> Spec:
        """Its conditions."""
        if self.cell is not None:
            return self.cell.spec
        assert self.props is not None
        return self.props.spec

    @property
    def id(self) -> str:
        """Its name among its siblings."""
        return self.cell.label if self.cell is not None else self.name or "?"

    @property
    def lives(self) -> bool:
        """Whether an incarnation is there, or on its way in or out."""
        return self.cell is not None and self.cell.life not in (Life.DOWN, Life.DEAD)

    def delay(self, now: float, random: Random) -> float | None:
        """How long its next restart waits, in seconds; None if it does not."""
        backoff = self.spec.backoff
        if backoff is None:
            return None
        if now - self.since >= backoff.reset_after:
            self.row = 0
        self.row += 1
        return backoff.delay(self.row - 1, random)

    def retire(self, scheduler: Scheduler) -> None:
        """Stop it for good, or do not try to start it again."""
        self.retired, self.failing = True, False
        if self.cell is None:
            self.quiet(scheduler)
        else:
            order(self.cell, keep=False)

    def skip(self, edge: Wait) -> None:
        """Its group stops, and there is nothing to stop: its end is no news any more."""
        self.retired = True
        cell = self.cell
        if cell is not None:
            self.name, self.settled = cell.label, cell.incarnation
            if self.spec.restart == "temporary":
                order(cell, keep=False)
            self.wait(edge)

    def wait(self, edge: Wait) -> None:
        """A slot that is down waits for what its group waits for."""
        if self.cell is not None and self.cell.life == Life.DOWN:
            self.cell.waiting = edge

    def terminated(self) -> None:
        """Its slot is over: tell those who asked for that."""
        for waiting in self.terminators:
            waiting.reply(None)
        self.terminators = ()

    def refuse(self, error: Exception) -> None:
        """It has not started: tell who asked for that."""
        if self.starter is not None:
            self.starter.fail(error)
            self.starter = None

    def quiet(self, scheduler: Scheduler) -> None:
        """Nothing is due for it any more."""
        if self.timer is not None:
            self.timer.disarm()
            scheduler.timers.dropped(self.timer)
            self.timer = None
        if self.checker is not None:
            self.checker.stop()
            self.checker = None


def reorder(owner: Cell, ordered: Iterable[Child]) -> None:
    """A slot was made anew: it takes its old place in the order in which children stop."""
    children = owner.more.children
    for child in ordered:
        if child.cell in children:
            children[child.cell] = children.pop(child.cell)

"""OTP's supervision tables, written down a second time, for worlds to judge the engine by.

Nothing here is the engine's: who is restarted, who with whom, in which order, how often, and what
ends the supervisor, as the documentation of `supervisor` has it (Erlang/OTP, design principles and
stdlib).  `Family` is one incarnation of a supervising actor, with what it owes: it is told what
happened, and says what that breaks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airssys_rt.core.signals import Failed, Normal, Shutdown
from airssys_rt.errors import RestartIntensityExceeded
from airssys_rt.kernel.life import Life

if TYPE_CHECKING:
    from airssys_rt.core.signals import ExitReason
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.props import Spec

__all__ = ["Family", "Plan", "gave_up", "is_calm", "lives", "restarts"]


def gave_up(reason: ExitReason) -> bool:
    """Whether a supervisor ended because its children failed too often."""
    return isinstance(reason, Failed) and isinstance(reason.cause, RestartIntensityExceeded)


def is_calm(reason: ExitReason) -> bool:
    """Whether a transient child that ended so is not restarted; OTP: normal, shutdown."""
    return isinstance(reason, (Normal, Shutdown)) or gave_up(reason)


def restarts(restart: str, reason: ExitReason) -> bool:
    """OTP's table of restart types."""
    return restart == "permanent" or (restart == "transient" and not is_calm(reason))


def with_whom(strategy: str, order: list[Cell], failed: Cell) -> list[Cell]:
    """OTP's table of strategies: who is restarted, in start order."""
    if strategy == "one_for_all":
        return list(order)
    if strategy == "rest_for_one":
        return order[order.index(failed) :]
    return [failed]


def lives(cell: Cell) -> bool:
    """Whether an incarnation is there, or on its way in or out."""
    return cell.life not in (Life.DOWN, Life.DEAD)


class Plan:
    """The restart of a group: all of it stops, last to first, then starts, first to last."""

    def __init__(self, family: Family, failed: Cell) -> None:
        group = with_whom(family.strategy, family.order, failed)
        self.failed = failed
        self.places = {cell: place for place, cell in enumerate(group)}
        self.labels = {cell.label: place for cell, place in self.places.items()}
        # who must stop
        self.old = {c: c.incarnation for c in group if c is not failed and lives(c)}
        # who must start: also those that had ended before
        self.new = {c.label for c in group if c.spec.restart != "temporary"}
        self.last_stopped = len(group)
        self.last_started = -1

    def stops(self, cell: Cell) -> bool:
        """Whether the end of this incarnation is the plan's."""
        return self.old.get(cell) == cell.incarnation

    def stopped(self, cell: Cell, *, ordered: bool) -> str:
        """An incarnation of the group is over, perhaps by itself; what that breaks."""
        del self.old[cell]
        if not ordered:
            return ""
        place = self.places[cell]
        wrong = ""
        if place > self.last_stopped:
            wrong = f"{cell.label} was stopped after those before it"
        self.last_stopped = place
        return wrong

    def started(self, cell: Cell) -> str:
        """A member of the group is there again; what that breaks."""
        place = self.labels[cell.label]
        running = [one.label for one in self.old if lives(one)]
        wrong = ""
        if running:
            wrong = f"{cell.label} was started again before {running[-1]} was stopped"
        elif place < self.last_started:
            wrong = f"{cell.label} was started again after those behind it"
        self.last_started = place
        self.new.discard(cell.label)
        return wrong

    @property
    def done(self) -> bool:
        """Whether all has been done."""
        return not self.old and not self.new

    @property
    def rest(self) -> str:
        """What has not been done."""
        for cell in self.old:
            return f"{cell.label} was not stopped with {self.failed.label}"
        return f"{min(self.new, default='?')} was not started again with {self.failed.label}"


class Family:
    """One incarnation of a supervising actor, its children, and what the tables say of them."""

    def __init__(
        self, strategy: str, intensity: int, period: float, auto_shutdown: str, *, declares: bool
    ) -> None:
        self.strategy = strategy
        self.intensity = intensity
        self.period = period
        self.auto_shutdown = auto_shutdown
        self.declares = declares
        self.specs: list[Spec] = []  # of the declared children
        self.slots: list[Cell | None] = []  # in start order, those declared first
        self.booted = -1  # the place of the last that has started with the supervisor
        self.certain: list[float] = []  # when a child failed that was restarted for that
        self.possible: list[float] = []  # when one failed that perhaps was
        self.must_end = ""  # why the supervisor has to end
        self.last: Cell | None = None  # who has failed once too often
        self.plan: Plan | None = None
        self.loose = False  # failures came into a plan: the order of what follows is not known
        self.vacant = False  # a slot was not there: that it cannot be started counts as a failure
        # who failed and must be followed, and when; None: it may have been restarted with others
        self.pending: dict[Cell, float | None] = {}
        self.asked = False  # it was asked to stop children

    @property
    def grouped(self) -> bool:
        """Whether children are restarted with others."""
        return self.declares and self.strategy != "one_for_one"

    @property
    def order(self) -> list[Cell]:
        """The slots that there are or were, in start order."""
        return [cell for cell in self.slots if cell is not None]

    def declare(self, specs: list[Spec]) -> None:
        """The supervisor names its children."""
        self.specs = specs
        self.slots = [None] * len(specs)

    def enter(self, cell: Cell) -> None:
        """A slot was made: where it is declared, or one of its name was; else at the end."""
        for place, other in enumerate(self.slots):
            if other is not None and other.label == cell.label:
                self.slots[place] = cell
                return
        for place, spec in enumerate(self.specs):
            other = self.slots[place]
            if spec == cell.spec and (other is None or other.life == Life.DEAD):
                self.slots[place] = cell
                return
        self.slots.append(cell)

    def boots(self, cell: Cell) -> str:
        """A child has started while its supervisor starts; what that breaks."""
        place = self.order.index(cell) if cell in self.order else self.booted
        wrong = ""
        if place < self.booted:
            wrong = f"{cell.label} was started after those declared behind it"
        self.booted = place
        return wrong

    def failed(self, cell: Cell, now: float) -> None:
        """A child failed and is to be restarted, unless somebody gives it up before that."""
        self.possible.append(now)
        self.vacant |= any(one.life == Life.DEAD for one in self.order)
        if self.plan is not None or self.loose or self.asked:
            self.plan, self.loose = None, True
            self.pending[cell] = None
            return
        self.pending[cell] = now
        count = self.count(self.certain, now) + 1
        if count > self.intensity:
            self.last = cell
            self.must_end = (
                f"{count} restarts in {self.period:g} s, and {self.intensity} are allowed"
            )
        elif cell.spec.backoff is not None:
            self.loose = True  # much may happen until then
        elif self.grouped and cell in self.order:
            self.plan = Plan(self, cell)

    def restarted(self, cell: Cell) -> None:
        """A child that failed is there again: its restart was counted."""
        failed = self.pending.pop(cell, None)
        if failed is not None:
            self.certain.append(failed)

    def given_up(self, cell: Cell) -> None:
        """A child that failed is not started again: whether that was counted is not known."""
        self.pending.pop(cell, None)
        if self.last is cell:
            self.must_end, self.last = "", None
        if self.plan is not None:
            self.plan, self.loose = None, True
        self.vacant = True

    def count(self, times: list[float], now: float) -> int:
        """How many came within the period; both its ends count."""
        return sum(time >= now - self.period for time in times)

    def ended_by_itself(self, cell: Cell) -> None:
        """A child is over for good: see whether its supervisor has to end with it."""
        if not cell.spec.significant:
            return
        others = [c for c in self.order if c.spec.significant and c.life != Life.DEAD]
        if self.auto_shutdown == "any_significant" or (
            self.auto_shutdown == "all_significant" and not others
        ):
            self.must_end = f"its significant child {cell.label} is over"

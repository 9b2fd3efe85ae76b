"""Whether the supervisors of a world do what OTP's tables say, seen from outside.

The engine publishes the steps of its actors' lives; here they are held against a model of its own
(`airssys_rt.testing.otp`).  What an order from elsewhere may have caused (a stop, a kill, a request
to a supervisor) is not judged: the law accuses nobody of what the tables leave open.

Laws: a child that ended is started again exactly if its restart type says so; with it those whom
the strategy names, stopped last to first, all of them before the first is started, started first to
last; one restart too many ends the supervisor, and nothing else does so in the name of that; a
significant child takes it along as `auto_shutdown` says; an actor that is over has no child left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.core.signals import Ended, Failed, Killed, Normal, Restarting, Shutdown, Started
from airssys_rt.errors import LawBroken
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.ref import cell_of
from airssys_rt.supervision.control import DeleteChild, RestartChild, TerminateChild
from airssys_rt.supervision.supervisor import DynamicSupervisor, Supervisor
from airssys_rt.testing.ledger import message_of
from airssys_rt.testing.otp import Family, gave_up, lives, restarts

if TYPE_CHECKING:
    from airssys_rt.core.signals import ExitReason, LifecycleEvent
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.testing.net import Net

__all__ = ["Supervised"]

RUNNING = Life.RUNNING


class Supervised:
    """What is known of the families of a world."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.families: dict[Cell, tuple[int, Family | None]] = {}
        self.children: dict[Cell, dict[Cell, None]] = {}
        self.began: set[Cell] = set()  # slots whose first incarnation has started
        self.down: set[Cell] = set()  # slots between two incarnations
        self.stopped: set[Cell] = set()  # by whom a slot may be given up
        self.linked: set[Cell] = set()  # that others may have ended
        self.verdict: LawBroken | None = None
        self.lingering: set[Cell] = set()  # that took more than a step to end

    # -- what is seen ----------------------------------------------------------------------------

    def spawned(self, cell: Cell) -> None:
        """A slot was made."""
        if cell.parent is not None:
            self.children.setdefault(cell.parent, {})[cell] = None
            family = self.family(cell.parent)
            if family is not None:
                family.enter(cell)

    def before(self, cell: Cell) -> None:
        """A cell is about to act on its signals: see who ends it."""
        rich = cell.rich
        if rich is None:
            return
        ends = [reason for kind, reason in rich.signals if kind == "end"]
        besides = cell.life == Life.DOWN or len(ends) > 1
        if besides and any(isinstance(reason, Normal) for reason in ends):
            self.stopped.add(cell)
        if rich.links is not None:
            self.linked.add(cell)
        if cell.life == Life.STOPPING:
            self.lingering.add(cell)

    # Any: messages of every protocol
    def handles(self, cell: Cell, item: Any) -> None:
        """A supervisor is asked for something."""
        if isinstance(message_of(item), (TerminateChild, RestartChild, DeleteChild)):
            family = self.family(cell)
            if family is not None:
                family.asked, family.plan = True, None

    def after(self, cell: Cell) -> None:
        """A handler has had its step: if it ends its actor, no supervisor has ordered that."""
        signals = cell.rich.signals if cell.rich is not None else ()
        if any(kind == "end" and isinstance(reason, Shutdown) for kind, reason in signals):
            self.linked.add(cell)

    def killed(self, cell: Cell) -> None:
        """The scenario kills an actor."""
        if cell.life in (Life.DOWN, Life.STOPPING):
            self.stopped.add(cell)

    def event(self, event: LifecycleEvent) -> None:
        """A step of an actor's life."""
        if isinstance(event, Started):
            self.started(cell_of(event.ref))
        elif isinstance(event, (Restarting, Ended)):
            self.over(cell_of(event.ref), event.reason, kept=isinstance(event, Restarting))

    # -- what is judged --------------------------------------------------------------------------

    def family(self, owner: Cell) -> Family | None:
        """The owner's present incarnation; None if the tables say nothing of it."""
        known = self.families.get(owner)
        if known is not None and known[0] == owner.incarnation:
            return known[1]
        actor: Any = owner.actor
        family: Family | None
        if isinstance(actor, Supervisor):
            limits = actor._strategy, actor._intensity, actor._period, actor._auto
            family = Family(*limits, declares=True)
            family.declare([props.spec for props in actor._children])
        elif isinstance(actor, DynamicSupervisor):
            family = Family("one_for_one", actor._intensity, actor._period, "never", declares=False)
        elif owner.parent is None:
            family = Family("one_for_one", 1, 5.0, "never", declares=False)
        elif actor is None or actor.__supervises__:
            return None
        else:
            kind: Any = actor.__class__
            family = Family("one_for_one", kind.intensity, kind.period, "never", declares=False)
        if known is not None and known[1] is not None and family.declares:
            for cell in known[1].order:
                if cell.life != Life.DEAD:
                    family.enter(cell)
        self.families[owner] = owner.incarnation, family
        return family

    def started(self, cell: Cell) -> None:
        """An incarnation runs."""
        self.began.add(cell)
        self.down.discard(cell)
        self.stopped.discard(cell)
        self.linked.discard(cell)
        self.lingering.discard(cell)
        parent = cell.parent
        family = self.family(parent) if parent is not None else None
        if parent is None or family is None:
            return
        if parent.life == Life.STARTING and family.declares and not family.loose:
            wrong = family.boots(cell)
            if wrong:
                self.broken(parent, f"starts its children out of order: {wrong}")
        if parent.life != RUNNING:
            return
        if cell is family.last:
            self.broken(cell, f"was started again, but its supervisor must end: {family.must_end}")
        family.restarted(cell)
        plan = family.plan
        if plan is not None and cell.label in plan.labels:
            wrong = plan.started(cell)
            if wrong:
                self.broken(parent, f"restarts a group out of order: {wrong}")
            if plan.done:
                family.plan = None

    def over(self, cell: Cell, reason: ExitReason, *, kept: bool) -> None:
        """An incarnation is over, or a slot is."""
        was_down = cell in self.down
        (self.down.add if kept else self.down.discard)(cell)
        self.check_children(cell, kept=kept)
        self.check_giving_up(cell, reason)
        parent = cell.parent
        if not kept and parent is not None:
            self.children.get(parent, {}).pop(cell, None)
        family = self.family(parent) if parent is not None else None
        if parent is None or family is None or (family.must_end and not was_down):
            return
        if parent.life == Life.STARTING and kept:
            family.loose = True  # it is seen to when all have started
            family.failed(cell, self.net.now)
        if parent.life != RUNNING:
            return
        restart = cell.spec.restart or "temporary"
        if was_down:
            if not kept and restart != "temporary" and not self.excused(cell, family):
                self.broken(cell, "was given up between two incarnations, and nobody asked for it")
            family.given_up(cell)
            return
        plan = family.plan
        if plan is not None and plan.stops(cell):
            wrong = plan.stopped(cell, ordered=isinstance(reason, Shutdown))
            if wrong:
                self.broken(parent, f"stops a group out of order: {wrong}")
            return
        if kept and restart == "temporary":
            self.broken(cell, "is temporary, and is started again")
        due = restarts(restart, reason) and (cell in self.began or cell.incarnation > 1)
        if family.loose or self.excused(cell, family):
            if kept:
                family.failed(cell, self.net.now)
            return
        if isinstance(reason, Shutdown) and not ends_itself(cell):
            self.broken(cell, "was stopped, and no table says so")
        if kept and not due:
            self.broken(
                cell, f"is {restart}, ended by {type(reason).__name__}, and is started again"
            )
        if due and not kept and not self.perhaps_stopped(cell, reason):
            self.broken(
                cell, f"is {restart}, ended by {type(reason).__name__}, and is not started again"
            )
        if kept:
            family.failed(cell, self.net.now)
        elif cell in self.began:
            family.ended_by_itself(cell)

    def excused(self, cell: Cell, family: Family) -> bool:
        """Whether somebody else may have ended it."""
        return family.asked or cell in self.stopped or cell in self.linked

    def perhaps_stopped(self, cell: Cell, reason: ExitReason) -> bool:
        """Whether a transient child may have been stopped for good while it ended."""
        late = cell in self.lingering or isinstance(reason, Killed)
        return cell.spec.restart == "transient" and late

    def check_children(self, cell: Cell, *, kept: bool) -> None:
        """An actor that is over has no child left, but for the slots that wait for it."""
        for child in self.children.get(cell, ()):
            if lives(child) or (not kept and child.life == Life.DOWN):
                self.broken(cell, f"is over, and its child {child.label} is {child.life}")

    def check_giving_up(self, cell: Cell, reason: ExitReason) -> None:
        """A supervisor that gives up has restarted too often."""
        known = self.families.get(cell)
        family = known[1] if known is not None and known[0] == cell.incarnation else None
        if family is None or family.loose or family.must_end or not gave_up(reason):
            return
        own = isinstance(reason, Failed) and reason.cause is not None
        count = family.count(family.possible, self.net.now)
        if own and not family.vacant and count <= family.intensity and not family.plan:
            self.broken(
                cell,
                f"gave up after {count} restarts in {family.period:g} s, and"
                f" {family.intensity} are allowed",
            )

    def check_quiet(self) -> None:
        """All is quiet: what the tables ask for has been done."""
        for owner, (number, family) in self.families.items():
            if family is None or owner.life != RUNNING or owner.incarnation != number:
                continue
            moving = [c for c in self.children.get(owner, ()) if c.life in MOVING]
            waits = any(c.spec.backoff is not None for c in self.children.get(owner, ()))
            if moving or waits or family.asked or owner.suspension is not None:
                continue
            if family.must_end and owner.parent is not None:
                self.broken(owner, f"goes on, but must end: {family.must_end}")
            for cell in family.pending:
                if cell.life == Life.DOWN and owner.parent is not None:
                    self.broken(cell, "failed and was never started again")
            if family.plan is not None and not family.plan.done:
                self.broken(owner, f"has not restarted a whole group: {family.plan.rest}")
            family.loose = False
        self.judge()

    def broken(self, cell: Cell, what: str) -> None:
        """The law for one actor."""
        tag = self.net.posts[cell].tag
        if self.verdict is None:  # raised when the step is over: the engine catches much
            self.verdict = LawBroken(
                f"{tag} {what}",
                where=tag,
                why="law 'supervised': restarts, stops and ends are as OTP's tables have them",
                mend="this is the engine's fault, or that of who changes its cells",
            )

    def judge(self) -> None:
        """Raise what was found broken."""
        if self.verdict is not None:
            raise self.verdict


MOVING = (Life.NEW, Life.STARTING, Life.STOPPING)


def ends_itself(cell: Cell) -> bool:
    """Whether it is a supervisor that may end by itself, as by a shutdown."""
    maker = getattr(cell.factory, "__origin__", cell.factory)
    return getattr(maker, "__supervises__", False) is True

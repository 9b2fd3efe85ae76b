"""The overseer of an actor's children: restarts them as its strategy says.

It works in steps of a cell of its own, which stands in the run queue as the actor's own does, so
that children are restarted also while a handler of their parent is suspended; never on a failing
child's stack, nor on an asker's.  What must come in order - boot, the restart of a group - is a
plan of stops and starts, one after the other.

Laws: one plan at a time, failures meanwhile wait for its end; a restart is counted before it is
tried; nothing that waits (a backoff, a slow start, a child that does not end) holds up children
that are not in the plan; after `close` nothing happens any more.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from airssys_rt.core.signals import Shutdown
from airssys_rt.errors import ActorStopped, StartFailed
from airssys_rt.kernel.cell import Cell
from airssys_rt.kernel.ending import limit, order
from airssys_rt.kernel.failing import crash
from airssys_rt.kernel.failure import failed
from airssys_rt.kernel.life import Life, later
from airssys_rt.kernel.mailbox import Errand
from airssys_rt.kernel.props import DEFAULT, Props
from airssys_rt.kernel.ref import cell_of
from airssys_rt.kernel.spawn import spawn
from airssys_rt.kernel.waits import StopEdge, wait_for_end
from airssys_rt.supervision.child import Child, reorder
from airssys_rt.supervision.failures import child_not_started, too_many_restarts
from airssys_rt.supervision.health import Checker
from airssys_rt.supervision.intensity import Window
from airssys_rt.supervision.strategy import affected, shuts_down

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.core.signals import ExitReason
    from airssys_rt.kernel.reply import ReplyTo
    from airssys_rt.kernel.waits import Wait
    from airssys_rt.supervision.strategy import AutoShutdown, Strategy

__all__ = ["Overseer", "oversee"]

STOP, START = "stop", "start"


class Overseer:
    """Restarts the children of one incarnation of an actor."""

    __slots__ = (
        "_asked",
        "_boot",
        "_due",
        "_edge",
        "_intensity",
        "_mixed",
        "_period",
        "_plan",
        "_step",
        "_strategy",
        "_window",
        "auto_shutdown",
        "cell",
        "is_open",
        "order",
        "owner",
        "records",
    )

    def __init__(
        self,
        owner: Cell,
        strategy: Strategy = "one_for_one",
        intensity: int | None = None,  # as the actor's class says
        period: float = 5.0,
        auto_shutdown: AutoShutdown = "never",
        *,
        declares: bool = False,
    ) -> None:
        self.owner = owner
        self.cell = Cell(owner.scheduler, owner, "overseer", Life.RUNNING, None, DEFAULT)
        # a supervisor that spawns in its constructor was an ordinary actor until now
        earlier = owner.more.overseer
        self.records: dict[Cell, Child] = earlier.records if isinstance(earlier, Overseer) else {}
        self.order: list[Child] | None = [] if declares else None  # in start order
        self.auto_shutdown: AutoShutdown = auto_shutdown
        self.is_open = True
        self._strategy: Strategy = strategy
        self._intensity, self._period = intensity, period
        self._window: Window | None = None
        self._plan: deque[tuple[str, Child]] = deque()
        self._step: tuple[str, Child] | None = None  # what the plan waits for
        self._edge = StopEdge(None, None)  # of the slots that wait for that
        self._due: deque[Callable[[], object]] = deque()  # what waits for the plan's end
        self._asked: list[ReplyTo[Any]] = []  # who asked for it
        self._boot: Wait | None = None
        self._mixed = True  # new slots come among old ones

    # -- what the kernel reports -----------------------------------------------------------

    def adopt(self, child: Cell) -> None:
        """A child that may be restarted was spawned."""
        if child not in self.records:
            self.records[child] = Child(child, None, self.owner.scheduler.now())

    def started(self, child: Cell) -> None:
        """The child's `pre_start` has returned."""
        self._post("start", self._started, child, child.incarnation)

    def down(self, child: Cell, reason: ExitReason) -> None:
        """An incarnation is over; its slot waits for the next one."""
        self._post("end", self._down, child, reason, child.incarnation)

    def over(self, child: Cell, reason: ExitReason) -> None:
        """The child is over for good."""
        if child in self.records:
            self._post("end", self._over, child, reason)

    def interrupt(self) -> None:
        """The supervisor is to end: it waits no more for children that start."""
        if self._boot is not None:
            self._end_boot()

    def close(self) -> None:
        """The supervisor's own incarnation ends: nobody is restarted any more."""
        self.is_open = False
        self._plan.clear()
        self._due.clear()
        self._step = None
        asked: list[ReplyTo[Any] | None] = [*self._asked]
        for child in [*self.records.values(), *(self.order or ())]:
            child.quiet(self.owner.scheduler)
            asked += (child.starter, *child.terminators)
        for waiting in filter(None, asked):
            path = self.owner.path
            waiting.fail(ActorStopped(f"{path} is stopping", why="it answers no more"))
        self.records.clear()

    # Any: the arguments of whatever is to be done
    def _post(self, what: str, action: Callable[..., object], *args: Any) -> None:
        if self.is_open:
            self.cell.put(Errand(what, self._act, action, args))

    def _act(self, action: Callable[..., object], args: tuple[Any, ...]) -> None:
        if self.is_open:
            action(*args)

    def _started(self, cell: Cell, number: int) -> None:
        child = self.records.get(cell)
        if child is None or child.cell is not cell or number <= child.settled:
            return
        spec = cell.spec
        if spec.health is not None and cell.life == Life.RUNNING:
            child.checker = Checker(cell, spec.health)
        child.fresh = False
        if child.starter is not None:
            child.starter.reply(cell.scheduler.make_ref(cell))
            child.starter = None
        plain = spec.restart == "temporary" and not spec.significant and spec.health is None
        if plain and self.order is None and not child.terminators:
            del self.records[cell]  # whatever comes, there is nothing to do about it
        if self._step == (START, child):
            self._advance()

    def _down(self, cell: Cell, reason: ExitReason, number: int) -> None:
        child = self.records.get(cell)
        if child is None or cell.life != Life.DOWN or number <= child.settled:
            return  # a plan has dealt with that incarnation meanwhile
        child.quiet(self.owner.scheduler)
        if self._step == (STOP, child):
            child.wait(self._edge)
            self._advance()
        elif self._step == (START, child):
            self._not_started(child, reason)
        elif child.retired:
            order(cell, keep=False)
        elif self._step is not None:
            self._due.append(lambda: self._down(cell, reason, number))
        else:
            self._failed(child, reason)

    def _over(self, cell: Cell, reason: ExitReason) -> None:
        child = self.records.pop(cell, None)
        if child is None:
            return
        child.terminated()
        if child.cell is not cell:
            return  # a plan has made a new slot meanwhile
        child.quiet(self.owner.scheduler)
        child.name, child.cell, child.failing = cell.label, None, False
        cause = cell.start_error
        step = self._step
        planned = any(one is child for _, one in self._plan)
        quiet = planned or child.retired or child.starter is not None
        child.refuse(cause or StartFailed(f"{cell.path} ended before it started"))
        temporary = cell.spec.restart == "temporary"
        if self.order is not None and child in self.order and (temporary or child.fresh):
            self.order.remove(child)
        if step == (STOP, child):
            self._advance()
        elif step == (START, child):
            self._not_started(child, reason, cause)
        elif cell.spec.significant and not quiet:
            self.when_idle(self._significant_gone)

    # -- restarts --------------------------------------------------------------------------

    def _failed(self, child: Child, reason: ExitReason) -> None:
        """Restart a child, now or after its backoff, if it is not once too often."""
        now = self.owner.scheduler.now()
        if self._window is None:
            self._window = Window(*self._limits())
        if not self._window.allows(now):
            self._escalate(child, reason)
            return
        scheduler = self.owner.scheduler
        delay = child.delay(now, scheduler.random)
        if delay is None:
            self._restart(child)
            return
        act = partial(self._post, "backoff", self._restart, child)
        child.timer = later(scheduler, delay, act)

    def _try_again(self, child: Child, reason: ExitReason) -> None:
        if child.failing and self._step is not None:
            self._due.append(lambda: self._try_again(child, reason))
        elif child.failing:  # else it was terminated, or started with a group, meanwhile
            self._failed(child, reason)

    def _limits(self) -> tuple[int, float]:
        """Intensity and period: an ordinary actor's class has them."""
        actor = self.owner.actor
        if self._intensity is not None or actor is None:
            return self._intensity or 0, self._period
        return type(actor).intensity, type(actor).period

    def _restart(self, child: Child) -> None:
        child.timer = None
        if child.cell.life != Life.DOWN if child.cell is not None else not child.failing:
            return  # given up, or started with a group
        if self._step is not None:
            self._due.append(lambda: self._restart(child))
        elif self.order is None or self._strategy == "one_for_one" or child not in self.order:
            self.start(child)
        else:
            group = affected(self._strategy, self.order, child)
            self._plan.extend((STOP, one) for one in reversed(group))
            self._plan.extend((START, one) for one in group if one.spec.restart != "temporary")
            for one in group:
                one.wait(self._edge)
            self._advance()

    def boot(self, declared: list[Props[Any]], wait: Wait) -> None:
        """Start the declared children, in the slots that are kept of them; settle `wait` then."""
        assert self.order is not None
        self._boot = wait
        more = self.owner.more
        kept = {place: slot for slot, place in (more.declared or {}).items()}
        more.declared = {}
        self._mixed = bool(kept)
        now = self.owner.scheduler.now()
        for place, props in enumerate(declared):
            child = Child(kept.pop(place, None), props, now)
            child.place = place
            if child.cell is not None:
                self.records[child.cell] = child
                more.declared[child.cell] = place
                child.wait(self._edge)
            self.order.append(child)
        for slot in reversed(list(kept.values())):
            order(slot, keep=False)  # the children of the last incarnation that this one has not
        self._plan.extend((START, child) for child in self.order)
        self._post("boot", self._advance)

    def _advance(self) -> None:
        """Go on with the plan, as far as it goes without waiting."""
        self._step = None
        while self._plan:
            kind, child = self._plan.popleft()
            if kind == STOP:
                if not child.lives:
                    child.skip(self._edge)
                    continue
                assert child.cell is not None
                # who is being terminated is, before the group starts it again
                child.retired = child.retired or child.spec.restart == "temporary"
                self._step = (kind, child)
                wait_for_end(self._edge, child.cell)
                order(child.cell, keep=not child.retired)
                return
            if not child.lives:
                self._step = (kind, child)
                error = self.start(child)
                if error is not None:
                    self._not_started(child, failed(error), error)
                    return
                self._edge.target = child.cell
                if self._boot is not None:
                    self._boot.target = child.cell
                return
        self._edge.target = None
        if self._boot is not None:
            self._mixed = True
            self._end_boot()
        self._go_on()

    def _go_on(self) -> None:
        """The plan is done: what waited for that."""
        while self._due and self._step is None:
            self._due.popleft()()
        if not self._due:
            self._asked.clear()

    def start(self, child: Child) -> Exception | None:
        """Order the next incarnation; the error if the child cannot even be spawned."""
        child.quiet(self.owner.scheduler)
        child.since = self.owner.scheduler.now()
        child.retired = child.failing = False
        slot = child.cell
        if slot is not None and slot.life == Life.DOWN:
            child.restarts += 1
            child.settled = slot.incarnation
            slot.signal("revive", self)
            return None
        assert child.props is not None
        spec = child.props.spec
        try:
            ref = spawn(self.owner, child.props, (), {}, label=child.name)
        except Exception as error:
            child.refuse(error)
            return error
        child.cell = cell = cell_of(ref)
        child.settled = -1
        declared = self.owner.more.declared
        if declared is not None and child.place is not None and spec.restart != "temporary":
            declared[cell] = child.place
        self.records[cell] = child
        if self._mixed and self.order is not None and self.order[-1] is not child:
            reorder(self.owner, self.order)
        return None

    def _not_started(
        self, child: Child, reason: ExitReason, cause: Exception | None = None
    ) -> None:
        """A start of the plan failed."""
        self._plan.clear()
        self._step = self._edge.target = None
        if self._boot is not None:
            path = f"{self.owner.path}/{child.id}"
            self._end_boot(cause or child_not_started(path, reason))
        else:
            child.failing = True
            # behind what has happened meanwhile, as OTP's try_again
            self._post("try again", self._try_again, child, reason)
        self._go_on()

    def _end_boot(self, error: Exception | None = None) -> None:
        boot, self._boot = self._boot, None
        self._plan.clear()
        assert boot is not None
        if error is None:
            boot.settle(None)
        else:
            boot.fail(error)

    def when_idle(self, action: Callable[[], object], *replies: ReplyTo[Any]) -> None:
        """Act now, or behind the plan that is carried out."""
        if self._step is None and not self._plan:
            action()
        else:
            self._due.append(action)
            self._asked += replies

    def _escalate(self, child: Child, reason: ExitReason) -> None:
        """Too many restarts: the supervisor fails, and its own supervisor decides."""
        owner = self.owner
        error = too_many_restarts(owner, child, self._window, reason)
        if owner.parent is None:
            owner.scheduler.port.fatal(ExceptionGroup(f"{error.what}; {error.why}", [error]))
            self.close()
            return
        self.close()
        crash(owner, error, "supervising its children")
        limit(owner)

    def _significant_gone(self) -> None:
        """A significant child ended by itself (OTP: `auto_shutdown`)."""
        left = any(c.spec.significant and c.cell is not None for c in self.records.values())
        if shuts_down(self.auto_shutdown, left=left):
            self.close()
            self.owner.signal("end", Shutdown())
            limit(self.owner)


def oversee(owner: Cell) -> Overseer:
    """The overseer of an ordinary actor, or of a system's root: one_for_one."""
    return Overseer(owner, intensity=None if owner.parent is not None else 1)

"""Cells: one actor's place in the engine.

A cell is a slot that outlives the instances put into it.  It is small: what most actors never use
(children, timers, stash, watchers, ...) is in `More`, made on first use.  A plain cell that has
one message is its own mailbox: most cells of a lightly loaded system never need a deque.

Laws: `box is None` exactly when a plain cell has nothing to do; a cell is in the run queue at most
once, and never while its handler is suspended; signals are acted on before the next message.
"""

from __future__ import annotations

from collections import deque
from threading import get_ident
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from airssys_rt.kernel.deadletter import stopped_error
from airssys_rt.kernel.mailbox import (
    EMPTY,
    TOKEN,
    BoundedBox,
    Box,
    ClosedBox,
    Control,
    GuardedBox,
    HoldingBox,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from weakref import WeakSet

    from airssys_rt.core.protocol import State
    from airssys_rt.core.signals import DeadReason, ExitReason
    from airssys_rt.errors import ActorError
    from airssys_rt.kernel.actor import Actor
    from airssys_rt.kernel.jobs import Job
    from airssys_rt.kernel.links import Links
    from airssys_rt.kernel.mailbox import Parked
    from airssys_rt.kernel.oversight import Oversight
    from airssys_rt.kernel.props import Spec
    from airssys_rt.kernel.reply import ReplyTo
    from airssys_rt.kernel.scheduler import Scheduler
    from airssys_rt.kernel.suspension import Suspension
    from airssys_rt.kernel.timers import Callback, ReceiveTimeout, Timer
    from airssys_rt.kernel.waits import Wait
    from airssys_rt.kernel.watch import Monitor

__all__ = ["NO_CHILDREN", "Cell", "Full", "More", "Recipe"]

# Any: messages, actors and dispatch functions of every protocol
FastTable = dict[type[Any], "Callable[[Any, Any], Any]"]
# Any: an actor's factory with its arguments
Full: TypeAlias = "tuple[Callable[..., Actor[Any]], tuple[Any, ...], dict[str, Any]]"
# or alone, if it takes none
Recipe: TypeAlias = "Callable[..., Actor[Any]] | Full"


class More:
    """What an actor needs only if it uses the feature."""

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


class Cell:
    """One actor's place: its mailbox, its instance, its place in the tree."""

    __slots__ = (
        "actor",
        "box",
        "fast",
        "first",
        "handled",
        "incarnation",
        "life",
        "msg",
        "name",
        "outcome",
        "parent",
        "plain",
        "recipe",
        "rich",
        "scheduler",
        "spec",
        "start_error",
        "state",
        "suspension",
        "waiting",
        "__weakref__",
    )

    def __init__(
        self,
        scheduler: Scheduler,
        parent: Cell | None,
        name: str | int,
        life: str,
        recipe: Recipe | None,
        spec: Spec,
    ) -> None:
        # None exactly when a plain cell has nothing to do; Any: typed so, the hot loop would have
        # to test for what its place in the run queue says
        self.box: Any = None
        self.plain = True  # its mailbox is a plain deque
        self.first: Any = EMPTY  # the one message of a busy cell that has no deque
        self.fast: FastTable = NO_TABLE
        self.actor: Actor[Any] | None = None
        self.msg: Any = None  # the item whose handler runs
        self.scheduler = scheduler
        self.parent = parent
        self.name = name  # a number stands for a name made on demand
        self.recipe = recipe
        self.spec = spec
        self.life = life  # one of life.Life
        self.state: State | None = None
        self.incarnation = 0
        self.handled = 0
        self.suspension: Suspension | Parked | None = None  # its suspended handler
        self.waiting: Wait | None = None  # what its handler awaits of other actors
        self.rich: More | None = None
        self.outcome: ExitReason | None = None  # why it is over for good
        self.start_error: ActorError | None = None  # why it did not start

    @property
    def more(self) -> More:
        """The rarely used part, made now if need be."""
        rich = self.rich
        if rich is None:
            rich = self.rich = More()
        return rich

    # Any: whatever makes the actor
    @property
    def factory(self) -> Any:
        """The class, or the function, that makes the actor."""
        recipe: Any = self.recipe
        return cast("Full", recipe)[0] if isinstance(recipe, tuple) else recipe

    @property
    def label(self) -> str:
        """The last part of the path."""
        if isinstance(self.name, str):
            return self.name
        factory = self.factory
        return f"{getattr(factory, '__name__', 'actor').lower()}-{self.name}"

    @property
    def path(self) -> str:
        """The place in the tree, such as `/bank/account-3`."""
        if self.parent is None:
            return f"/{self.label}"
        above = self.parent.path
        return f"{above}{self.label}" if above == "/" else f"{above}/{self.label}"

    # -- what others put in ----------------------------------------------------------------

    def put(self, item: Any) -> None:
        """Queue an item that no sender's check applies to."""
        box = self.box
        if box is None:
            self.wake(item)
        elif self.plain:
            box.append(item)
        else:
            box.put(item)

    def wake(self, item: Any) -> None:
        """Queue the first item of an idle plain cell, and the cell."""
        scheduler = self.scheduler
        if scheduler.here() is not scheduler.home and get_ident() != scheduler.thread:
            raise scheduler.wrong_thread(self)
        self.first = item
        self.box = self
        scheduler.ready.append(self)
        if not scheduler.awake:
            scheduler.port.unpark()

    def append(self, item: Any) -> None:
        """Take an item as a plain busy cell's mailbox of one; the second needs a deque."""
        if self.first is EMPTY:
            self.first = item
        else:
            self.queue().append(item)

    def queue(self) -> Box:
        """The mailbox as a deque, made now if need be; the cell is busy, or becomes so."""
        box: Any = self.box
        if box is None:
            self.scheduler.enqueue(self)
        elif box is not self:
            return cast("Box", box)
        pool = self.scheduler.pool
        made: Box = pool.pop() if pool else deque()
        if self.first is not EMPTY:
            made.append(self.first)
            self.first = EMPTY
        self.box = made
        return made

    # Any: the signal's argument, see lifecycle.ACTIONS
    def signal(self, kind: str, argument: Any = None, *, first: bool = False) -> None:
        """Have the cell act on a signal before its next message."""
        signals = self.more.signals
        if first:
            signals.insert(0, (kind, argument))
        else:
            signals.append((kind, argument))
        self.put_token()

    def put_token(self) -> None:
        """See that the cell looks at its signals before its next message."""
        if self.box is None:
            self.wake(TOKEN)
            return
        if self.box is self and self.first is EMPTY:
            self.first = TOKEN
            return
        box = self.queue()
        if not box or box[0] is not TOKEN:
            box.appendleft(TOKEN)
        if not self.plain:
            self.box.rouse()

    def put_front(self, items: Iterable[Any]) -> None:
        """Put items before all messages, also those that are held, but behind signals."""
        box: Box = self.box.inner if isinstance(self.box, HoldingBox) else self.queue()
        token = bool(box) and box[0] is TOKEN
        if token:
            box.popleft()
        for item in reversed(list(items)):
            box.appendleft(item)
        if token:
            box.appendleft(TOKEN)
        if not self.plain:
            self.box.rouse()

    # -- what the engine takes out ---------------------------------------------------------

    def items(self) -> list[Any]:
        """What is in the mailbox, in order."""
        box = self.box
        if box is self:
            return [] if self.first is EMPTY else [self.first]
        return list((box.inner if isinstance(box, HoldingBox) else box) or ())

    def rest(self) -> bool:
        """Give an empty mailbox back, or mark it idle; False if it is not empty."""
        box = self.box
        if not self.plain:
            box.idle = not box
            return not box
        if box is self:
            if self.first is not EMPTY:
                return False
        elif box:
            return False
        elif box is not None:
            self.scheduler.pool.append(box)
        self.box = None
        return True

    def guard(self, box: GuardedBox) -> None:
        """Have a special mailbox in the place of the plain one."""
        self.box = box
        self.first = EMPTY
        self.plain = False

    def close_box(self, reason: DeadReason) -> None:
        """Refuse messages from now on; those that wait become dead letters."""
        old = self.box
        if isinstance(old, ClosedBox):
            old.reason = reason
            return
        idle = old is None or (isinstance(old, GuardedBox) and old.idle)
        items = self.items()
        if isinstance(old, HoldingBox):
            old = old.inner
            self.scheduler.holding.discard(self)
        closed = ClosedBox(self, reason, idle=idle)
        self.guard(closed)
        if self.rich is not None and self.rich.signals:
            closed.appendleft(TOKEN)
        scheduler = self.scheduler
        for item in items:
            if not isinstance(item, Control):
                scheduler.refuse(item, self, reason)
        if isinstance(old, BoundedBox):
            for wait, item in old.waiters:
                if not wait.gone:  # a cancelled send has not sent
                    scheduler.refuse(item, self, reason)
                    wait.fail(stopped_error(self, reason))
            old.waiters.clear()
            old.load = 0

    def hold_box(self) -> None:
        """Keep messages for the next incarnation from now on."""
        old = self.box
        idle = old is None or (isinstance(old, GuardedBox) and old.idle)
        inner: Box
        if isinstance(old, GuardedBox):
            inner = old
            inner.idle = False  # nothing that comes wakes the cell
            if inner and inner[0] is TOKEN:
                inner.popleft()
        else:
            inner = deque(item for item in self.items() if item is not TOKEN)
        holding = HoldingBox(self, inner, idle=idle)
        self.guard(holding)
        self.scheduler.holding.add(self)
        if self.rich is not None and self.rich.signals:
            holding.appendleft(TOKEN)

    def reopen_box(self) -> None:
        """Give what was kept to the incarnation that begins now, in the cell's own step."""
        inner: Any = self.box.inner
        self.scheduler.holding.discard(self)
        self.box = inner
        self.plain = not isinstance(inner, GuardedBox)
        if self.rich is not None and self.rich.signals:
            self.put_token()

    def set_fast(self) -> None:
        """Choose the hot loop's table: none where each message needs more than its handler."""
        rich = self.rich
        state = self.state
        if state is None or (rich is not None and rich.receive_timeout is not None):
            self.fast = NO_TABLE
        else:
            self.fast = state.sync

    def __repr__(self) -> str:
        return f"<cell {self.path} {self.life}>"


NO_CHILDREN: dict[Cell, None] = {}  # never written to
# Any: see FastTable
NO_TABLE: dict[type[Any], Callable[[Any, Any], Any]] = {}

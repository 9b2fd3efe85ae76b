"""Cells: one actor's place in the engine.

A cell is a slot that outlives the instances put into it.  It is small: what most actors never use
is in `More`, made on first use.  A plain cell that has one message is its own mailbox: most cells
of a lightly loaded system never need a deque.

Laws: `box is None` exactly when a plain cell has nothing to do but what the hot loop runs at this
moment; a cell is in the run queue at most once, and never while its handler is suspended; signals
are acted on before the next message; whatever a mailbox may be replaced by, another thread's `tell`
ends up in what is looked at later, or raises.
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
from airssys_rt.kernel.more import More

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airssys_rt.core.protocol import State
    from airssys_rt.core.signals import DeadReason, ExitReason
    from airssys_rt.errors import ActorError
    from airssys_rt.kernel.actor import Actor
    from airssys_rt.kernel.mailbox import Parked
    from airssys_rt.kernel.props import Spec
    from airssys_rt.kernel.scheduler import Scheduler
    from airssys_rt.kernel.suspension import Suspension
    from airssys_rt.kernel.waits import Wait

__all__ = ["NO_HANDLER", "Cell", "Full", "Recipe"]

# Any: messages, actors and dispatch functions of every protocol
Find: TypeAlias = "Callable[[type[Any]], Callable[[Any, Any], Any] | None]"
# Any: an actor's factory with its arguments
Full: TypeAlias = "tuple[Callable[..., Actor[Any]], tuple[Any, ...], dict[str, Any]]"
# or alone, if it takes none
Recipe: TypeAlias = "Callable[..., Actor[Any]] | Full"


class Cell:
    """One actor's place: its mailbox, its instance, its place in the tree."""

    __slots__ = (
        "actor",
        "box",
        "find",
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
        self.find: Find = NO_HANDLER  # of a sync handler, by the class of the message
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
        if self.box is not None:  # another thread's tell came in between
            if item is TOKEN:
                self.put_token()
            else:
                self.put(item)
            return
        self.first = item
        self.box = self
        scheduler.hasten(self)

    def append(self, item: Any) -> None:
        """Take an item as a plain busy cell's mailbox of one; the second needs a deque."""
        scheduler = self.scheduler
        if self.first is EMPTY and self.box is self:
            if scheduler.slicing and scheduler.current is None and self.suspension is None:
                scheduler.inbox.put(lambda: self.put(item))  # see `taken`
            else:
                self.first = item
            return
        if scheduler.here() is not scheduler.home and get_ident() != scheduler.thread:
            raise scheduler.wrong_thread(self)
        self.queue().append(item)

    @property
    def taken(self) -> bool:
        """Whether the hot loop has taken its one message, and has not yet called the handler.

        What finalizers, signal handlers and other threads tell it then has to wait.
        """
        scheduler = self.scheduler
        return scheduler.slicing and scheduler.current is None and self.suspension is None

    def queue(self) -> Box:
        """The mailbox as a deque, made now if need be; the cell is busy, or becomes so."""
        box: Any = self.box
        if box is not None and box is not self:
            return cast("Box", box)
        pool = self.scheduler.pool
        made: Box = pool.pop() if pool else deque()
        box, first = self.box, self.first
        self.box = made  # from here on other threads may put something in
        if box is None:
            self.scheduler.enqueue(self)
        elif first is not EMPTY:
            self.first = EMPTY
            made.appendleft(first)
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
            if self.taken:
                self.scheduler.inbox.put(self.put_token)
            else:
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
            self.box = None
            return True
        if box:
            return False
        self.box = None  # from here on other threads put nothing into the old one
        if box is not None:
            self.scheduler.pool.append(box)
        return True

    def guard(self, box: GuardedBox) -> None:
        """Have a special mailbox in the place of the plain one."""
        self.box = box
        self.first = EMPTY
        self.plain = False

    def _replace(self, box: GuardedBox) -> tuple[Any, list[Any]]:
        """Have another mailbox, which is idle as the old one was; the old one, and its items."""
        old, first = self.box, self.first
        self.box = box  # from here on other threads put nothing into the old one
        self.first = EMPTY
        self.plain = False
        box.idle = old is None or (isinstance(old, GuardedBox) and old.idle)
        if old is self:
            return old, [] if first is EMPTY else [first]
        return old, list((old.inner if isinstance(old, HoldingBox) else old) or ())

    def close_box(self, reason: DeadReason) -> None:
        """Refuse messages from now on; those that wait become dead letters."""
        if isinstance(self.box, ClosedBox):
            self.box.reason = reason
            return
        closed = ClosedBox(self, reason, idle=False)
        old, items = self._replace(closed)
        if isinstance(old, HoldingBox):
            old = old.inner
            self.scheduler.holding.discard(self)
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
        inner: Box = deque()
        holding = HoldingBox(self, inner, idle=False)
        old, items = self._replace(holding)
        if isinstance(old, GuardedBox):
            inner = holding.inner = old
            inner.idle = False  # nothing that comes wakes the cell
            if inner and inner[0] is TOKEN:
                inner.popleft()
        else:
            inner.extend(item for item in items if item is not TOKEN)
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
        """Choose what the hot loop finds: nothing where a message needs more than its handler."""
        rich = self.rich
        state = self.state
        if state is None or (rich is not None and rich.receive_timeout is not None):
            self.find = NO_HANDLER
        else:
            self.find = state.find

    def __repr__(self) -> str:
        return f"<cell {self.path} {self.life}>"


# Any: see Find
NO_TABLE: dict[type[Any], Callable[[Any, Any], Any]] = {}
NO_HANDLER: Find = NO_TABLE.get

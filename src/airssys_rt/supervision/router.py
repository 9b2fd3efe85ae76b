"""The mailbox of a pool: it hands each message to a member, in the sender's own call.

So there is no hop: what is told to the pool is in a member's mailbox at once, an ask waits for the
member, and a message that a member's mailbox has no room for is an error at the sender.  The pool's
own mailbox holds orders to the pool, and messages only while there are no members yet.

Laws: a message goes to one member (a told one to all, if the pool broadcasts), is held until there
are members, or is a dead letter; an ask waits for the member that got it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.core.message import Request
from airssys_rt.core.signals import brief
from airssys_rt.errors import ActorError, HandlerFailed, MailboxFull, NotAccepted
from airssys_rt.kernel.deadletter import bury
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.mailbox import (
    TOKEN,
    Adapted,
    Bounded,
    BoundedBox,
    Control,
    DrainStop,
    GuardedBox,
    HoldingBox,
    Notice,
)
from airssys_rt.kernel.waits import OPEN, Call, Wait, check_cycle, cycle_error, would_cycle

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.mailbox import Box, Source
    from airssys_rt.supervision.routing import Choice

__all__ = ["BroadcastBox", "Resize", "RoutingBox", "waiting_room"]

NO_BOUND = Bounded(1)
WAITING = frozenset({Life.STARTING, Life.STOPPING, Life.DOWN})

# Any throughout: messages of every protocol, and the items that hold them


class Resize(Request[None]):
    """Have so many members; the one request that a pool answers itself."""

    size: int


class RoutingBox(BoundedBox):
    """Routes what is sent; keeps the engine's orders.

    It is a bounded one that never has room, so that `send` asks it for some, and it a member.
    """

    __slots__ = ("_choice", "_pick", "adapts", "draining", "members", "on_drain")

    # adapts: the choice looks into the message, which an adapter must have made before
    def __init__(self, cell: Cell, choice: Choice, *, adapts: bool) -> None:
        super().__init__(cell, NO_BOUND)
        self.capacity = 0
        self.idle = False
        self.members: list[Cell] = []
        self.adapts = adapts
        self.draining = False
        self.on_drain: Callable[[], object] = nothing
        self._choice = choice
        self._pick = choice.pick

    def change(self, members: dict[int, Cell]) -> None:
        """These are the members now."""
        self.members = [members[number] for number in sorted(members)]
        self._choice.change(members)

    def let_go(self) -> None:
        """The pool is over: nothing but the collector would free what refers to each other."""
        self.on_drain = nothing
        self.change({})

    # -- what is sent ------------------------------------------------------------------------

    def append(self, item: object) -> None:
        """Give what is sent to a member."""
        self.cell.scheduler.check_thread(self.cell)
        kind = type(item)
        if kind is Call or kind is Adapted:
            self._route_wrapped(item)
            return
        try:
            member = self._pick(item)
        except Exception as error:
            self._key_failed(item, error)
            return
        if member is None:
            self._nobody(item)
            return
        box = member.box
        if box is None:
            member.wake(item)
        else:
            box.append(item)

    def _route_wrapped(self, item: Any) -> None:
        """Give an ask, or what an adapter was sent, to a member."""
        if type(item) is Call and type(item.msg) is Resize:
            super(GuardedBox, self).append(item)
            self.rouse()
            return
        item, member = self._routed(item)
        if member is not None:
            self._give(member, item)

    def _routed(self, item: Any) -> tuple[Any, Cell | None]:
        """The item and its member; None if it needs none any more."""
        call: Call | None = None
        try:
            if type(item) is Adapted and self.adapts and self.members:
                item = adapted(item)
            inner = item.msg if type(item) is Adapted else item
            call = inner if type(inner) is Call else None
            member = self._pick(call.msg if call is not None else inner)
        except Exception as error:
            self._key_failed(item, error)
            return item, None
        if member is None:
            self._nobody(item)
        elif call is not None:
            if call.asker is not None and would_cycle(call.asker, member) is not None:
                member = self._without_cycle(call, call.asker, member)
            if member is not None:
                call.target = member
        return item, member

    def _without_cycle(self, call: Call, asker: Cell, member: Cell) -> Cell | None:
        """Another member, that does not wait for the asker; none if there is no such one."""
        others = [other for other in self.members if other.life == Life.RUNNING]
        others = [other for other in others if would_cycle(asker, other) is None]
        if others and not self.adapts:
            return self._choice.among(others)
        call.fail(cycle_error(asker, member, would_cycle(asker, member) or []))
        return None

    def wait_for_room(self, wait: Wait, item: Any) -> None:
        """Queue a sender at a member; `wait` is settled when its message is in the mailbox."""
        item, member = self._routed(item)
        if member is not None:
            room = waiting_room(member)
            if room is not None and room.load >= room.capacity:
                if wait.asker is not None:
                    check_cycle(wait.asker, member)
                wait.target = member
                room.wait_for_room(wait, item)
                return
            self._give(member, item)
        wait.settle(None)

    def _give(self, member: Cell, item: Any) -> None:
        box = member.box
        if box is None:
            member.wake(item)
        else:
            box.append(item)

    # -- what the engine puts in -------------------------------------------------------------

    def put(self, item: Any) -> None:
        """Keep an order to the pool; what a timer sends is for a member."""
        if isinstance(item, DrainStop):
            self.draining = True
            self.on_drain()
        elif isinstance(item, Control):
            super(GuardedBox, self).append(item)
            self.rouse()
        elif isinstance(item, Notice):
            self._put_notice(item)
        else:
            self.append(item)

    def _put_notice(self, notice: Notice) -> None:
        try:
            if notice.adapt is not None and self.adapts and self.members:
                notice = Notice(notice.adapt(notice.msg), notice.source)
            member = self._pick(notice.msg)
        except Exception as error:
            self._key_failed(notice.msg, error)
            notice.source.taken()
            return
        if member is None:
            self._nobody(notice)
        else:
            member.put(notice)

    # the orders of the engine do not count, and nothing else is taken out
    def appendleft(self, item: Any) -> None:
        """Put an order of the engine at the front."""
        super(GuardedBox, self).appendleft(item)

    def popleft(self) -> Any:
        """Take the next order."""
        return super(GuardedBox, self).popleft()

    # -- when there is no member -------------------------------------------------------------

    def _nobody(self, item: Any) -> None:
        """Keep the item for members to come, or refuse it."""
        cell = self.cell
        ends = cell.life == Life.STOPPING and not cell.more.keep
        if cell.life in WAITING and not ends and not self.draining:
            super(GuardedBox, self).append(item)
        else:
            cell.scheduler.check_open()
            cell.scheduler.refuse(item, cell, "stopped")

    def take_in(self, items: list[Any]) -> None:
        """Route what came before there were members, or keep it."""
        for item in items:
            try:
                if isinstance(item, (Control, Notice)):
                    self.put(item)
                else:
                    self.append(item)
            except MailboxFull:
                self.cell.scheduler.refuse(item, self.cell, "overflow")
            except ActorError:  # debug and wire mode look at what is sent
                self.cell.scheduler.refuse(item, self.cell, "not_accepted")

    def take_over(self) -> None:
        """Hold what is in the cell's first mailbox, in the cell's own step."""
        cell = self.cell
        items = [item for item in cell.items() if item is not TOKEN]
        cell.guard(self)
        self.extend(items)
        if cell.rich is not None and cell.rich.signals:
            cell.put_token()

    def release(self) -> None:
        """There are members: route what was held for them."""
        items = [item for item in self if item is not TOKEN]
        token = len(items) < len(self)
        self.clear()
        if token:
            self.appendleft(TOKEN)
        self.take_in(items)

    def move(self, waiters: list[tuple[Wait, Any]]) -> None:
        """Senders that wait for room at one who leaves wait elsewhere."""
        for wait, item in waiters:
            if not wait.gone and not wait.done:
                try:
                    self.wait_for_room(wait, item)
                except ActorError as error:
                    wait.fail(error)

    # -- what goes wrong ---------------------------------------------------------------------

    def _key_failed(self, item: Any, error: Exception) -> None:
        """The message cannot be routed: as a handler's failure, but nobody ends of it."""
        cell = self.cell
        inner = item.msg if isinstance(item, Adapted) else item
        call = inner if isinstance(inner, Call) else None
        msg = call.msg if call is not None else inner
        if call is not None:
            failure = HandlerFailed(
                f"{cell.path} could not route a {type(msg).__name__}",
                where="the key function of its consistent_hash",
                why=brief(error),
                mend="see the cause below; the key function must take every message of the union",
            )
            failure.__cause__ = error
            call.fail(failure)
        cell.scheduler.port.failure(cell, error, f"routing {type(msg).__name__}")
        bury(msg, cell, "failed")


class BroadcastBox(RoutingBox):
    """Gives what is told to all members, running or not."""

    __slots__ = ()

    def append(self, item: Any) -> None:
        """Give what is sent to all; what one has no room for is its dead letter."""
        self.cell.scheduler.check_thread(self.cell)
        inner = item.msg if type(item) is Adapted else item
        if type(inner) is Call:
            if type(inner.msg) is Resize:
                super().append(item)
            elif not self.members:
                self._nobody(item)
            else:
                self._refuse_ask(inner)
            return
        if not self.members:
            self._nobody(item)
        for member in list(self.members):
            try:
                self._give(member, item)
            except MailboxFull:
                member.scheduler.refuse(item, member, "overflow")

    def wait_for_room(self, wait: Wait, item: Any) -> None:
        """There is no waiting for all."""
        self.append(item)
        wait.settle(None)

    def _put_notice(self, notice: Notice) -> None:
        if not self.members:
            self._nobody(notice)
            return
        source = Shared(notice.source)
        for member in list(self.members):
            member.put(Notice(notice.msg, source, notice.adapt))

    def _refuse_ask(self, call: Call) -> None:
        name = type(call.msg).__name__
        if call.state == OPEN:
            call.fail(
                NotAccepted(
                    f"{self.cell.path} gives a {name} to all its members, and cannot be asked",
                    why="there would be as many replies as members",
                    mend="tell it, ask a member, or choose another routing for the pool",
                )
            )
        bury(call.msg, self.cell, "not_accepted")


class Shared:
    """The source of a notice that several get: the first one that takes it takes it for all."""

    __slots__ = ("_source", "_taken")

    def __init__(self, source: Source) -> None:
        self._source = source
        self._taken: bool | None = None

    @property
    def live(self) -> bool:
        """Whether the notice counts."""
        return self._source.live if self._taken is None else self._taken

    def taken(self) -> bool:
        """Somebody is about to handle it."""
        if self._taken is None:
            self._taken = self._source.taken()
        return self._taken


def nothing() -> None:
    """What a pool without members does to drain."""


def adapted(item: Adapted) -> Any:
    """What the adapter's function makes of the item, now instead of in the receiver's step."""
    call = item.msg
    if isinstance(call, Call):
        if call.state == OPEN:
            call.msg = item.fn(call.msg)
        return call
    return item.fn(item.msg)


def waiting_room(member: Cell) -> BoundedBox | None:
    """The member's bounded mailbox, if it has one."""
    box: Box | None = member.box
    if isinstance(box, HoldingBox):
        box = box.inner
    return box if isinstance(box, BoundedBox) else None

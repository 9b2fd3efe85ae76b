"""Pools: one ref, many actors of a kind behind it, each supervised (Akka: pool routers).

`pool(props(Worker), 4)` is a `Props` as any other.  The pool is an actor that supervises its
members one for one; its mailbox routes (see `router`).  Laws: members have the numbers from 1 on,
a new one the lowest that is free; a member that is taken away handles what it has, then it ends; a
pool that has lost all its members ends; a pool that is restarted has the size of its `Props`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import msgspec
from typing_extensions import TypeVar

from airssys_rt.core.handler import on
from airssys_rt.core.health import Health
from airssys_rt.core.message import Later
from airssys_rt.core.signals import Normal
from airssys_rt.errors import ActorStopped, BadArgument
from airssys_rt.kernel.actor import Actor
from airssys_rt.kernel.forward import current_call
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.mailbox import DRAIN_STOP, Errand
from airssys_rt.kernel.props import Props
from airssys_rt.kernel.ref import ActorRef, cell_of
from airssys_rt.kernel.reply import ReplyTo, defer
from airssys_rt.kernel.waits import Call, Wait, cycle_error, would_cycle
from airssys_rt.supervision.child import Child
from airssys_rt.supervision.overseer import Overseer
from airssys_rt.supervision.router import BroadcastBox, Resize, RoutingBox, waiting_room
from airssys_rt.supervision.routing import ROUTINGS, ByKey, ConsistentHash
from airssys_rt.supervision.supervisor import check_limits

if TYPE_CHECKING:
    from airssys_rt.core.ref import AnyRef
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.mailbox import Bounded
    from airssys_rt.supervision.routing import Routing

__all__ = ["pool", "resize"]

M = TypeVar("M")
Checked = TypeVar("Checked", bound=Props[Health])

# Any throughout: members of every protocol


def pool(
    props: Props[M],
    size: int,
    routing: Routing | ConsistentHash[M] = "round_robin",
    *,
    intensity: int = 1,
    period: float = 5.0,
) -> Props[M]:
    """A recipe for `size` actors behind one ref, which routes each message to one of them.

    `routing`: `"round_robin"`, `"random"`, `"least_loaded"`, `consistent_hash(key)`; or
    `"broadcast"`, to all.  The members live as `props` says, permanent by default; mailbox,
    backoff and health checks are each member's.  More than `intensity` restarts in `period`
    seconds end the pool, as they end any supervisor.  Raises `BadArgument`.
    """
    check_members(props)
    check_size(size)
    check_limits("a pool", intensity, period)
    if not isinstance(routing, ConsistentHash) and routing not in ROUTINGS:
        raise BadArgument(
            f"a pool cannot have routing={routing!r}",
            mend=f"give one of {', '.join(map(repr, ROUTINGS))}, or consistent_hash(key)",
        )
    return PoolProps((Recipe(props, size, routing, intensity, period), (), {}))


async def resize(ref: AnyRef, size: int, *, timeout: float | None = 5.0) -> None:
    """Give a pool more or fewer members.

    Returns when new members have started and those taken away, the ones with the highest numbers,
    have handled what they had and are over.  Raises `BadArgument`, `StartFailed` if a new one did
    not start, `ActorStopped`, `AskTimeout`, and `AskCycle` if a member waits for its own end.
    """
    check_size(size)
    cell = cell_of(ref)
    if cell.outcome is None and not isinstance(cell.factory, Recipe):
        raise BadArgument(
            f"{cell.path} is no pool",
            why="only a pool has a size",
            mend="spawn pool(props(...), size), and resize that",
        )
    await ActorRef[Resize](cell).ask(Resize(size), timeout=timeout)


class Protocol(msgspec.Struct, frozen=True):
    """What the engine asks of a recipe's protocol: what its actor accepts."""

    members: frozenset[type[Any]] | None
    cls: None = None
    plain_new: bool = False


class Recipe:
    """Makes a pool, and says of it what is known of its members."""

    __name__ = "pool"
    __supervises__ = True

    def __init__(
        self,
        props: Props[Any],
        size: int,
        routing: Routing | ConsistentHash[Any],
        intensity: int,
        period: float,
    ) -> None:
        factory: Any = props.recipe[0]
        self.size = size
        self.intensity, self.period = intensity, period
        self._props = props
        self._routing: Routing | ConsistentHash[Any] = routing
        self._label = getattr(factory, "__name__", "actor").lower()
        known = getattr(getattr(factory, "__origin__", factory), "__protocol__", None)
        if known is not None:
            members = None if known.members is None else known.members | {Resize}
            self.__protocol__ = Protocol(members)

    def __call__(self) -> Pool:
        return Pool(self)

    def member(self, number: int) -> Props[Any]:
        """The recipe of one member: it has a name that stays the same."""
        spec = self._props.spec
        restart = spec.restart or "permanent"
        name = f"{self._label}-{number}"
        return Props(self._props.recipe, msgspec.structs.replace(spec, name=name, restart=restart))

    def box(self, cell: Cell) -> RoutingBox:
        """The mailbox that routes as is wanted."""
        routing = self._routing
        if isinstance(routing, ConsistentHash):
            return RoutingBox(cell, ByKey(routing.key), adapts=True)
        kind = BroadcastBox if routing == "broadcast" else RoutingBox
        return kind(cell, ROUTINGS[routing](cell.scheduler.random), adapts=False)


class PoolProps(Props[M]):
    """The recipe of a pool: what belongs to its members cannot be said of it."""

    __slots__ = ()

    def mailbox(self, mailbox: Bounded) -> Self:
        """A pool hands messages on at once.  Raises `BadArgument`."""
        raise wrong_place("a mailbox", "pool(props(Worker).mailbox(Bounded(100)), 4)")

    def health(self: Checked, *, interval: float, timeout: float, threshold: int = 3) -> Checked:
        """A pool is as well as its members.  Raises `BadArgument`."""
        raise wrong_place("health checks", "pool(props(Worker).health(...), 4)")


class Resizing:
    """A resize under way: what it waits for."""

    __slots__ = ("call", "error", "numbers", "reply")

    def __init__(self, reply: ReplyTo[None], call: Call | None) -> None:
        self.reply = reply
        self.call = call
        self.numbers: set[int] = set()  # that have to start, or to leave
        self.error: BaseException | None = None

    def wait_for(self, target: Cell | None) -> None:
        """The asker waits for this one now; that may be one who waits for the asker."""
        call = self.call
        if call is None or target is None:
            return
        call.target = target
        waits = would_cycle(call.asker, target) if call.asker is not None else None
        if call.asker is not None and waits is not None:
            self.reply.fail(cycle_error(call.asker, target, waits))
            self.call = None


class Pool(Actor[Resize]):
    """Supervises the members, one for one, and counts them."""

    __supervises__: ClassVar[bool] = True

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._members: dict[int, Child] = {}  # that get messages
        self._starting: dict[int, Child] = {}
        self._leaving: dict[int, Child] = {}  # that handle what they have
        self._resizings: list[Resizing] = []

    async def pre_start(self) -> None:
        """Start the members, one after the other.  Raises `StartFailed`."""
        cell, recipe = self.__engine__(), self._recipe
        if not isinstance(cell.box, RoutingBox):
            recipe.box(cell).take_over()
        self._box = box = cast("RoutingBox", cell.box)
        box.on_drain = self._drain
        self._overseer = overseer = Overseer(
            *(cell, "one_for_one", recipe.intensity, recipe.period), declares=True
        )
        cell.more.overseer = overseer
        wait = Wait(None, cell)
        overseer.boot([recipe.member(number + 1) for number in range(recipe.size)], wait)
        await cell.scheduler.wait(wait)
        wait.result()
        if cell.life != Life.STARTING:
            return
        for child in overseer.order or ():
            if child.place is not None:
                self._members[child.place + 1] = child
        for number, child in list(self._members.items()):
            self._watch(number, child)
        self._changed()
        box.release()
        if box.draining:
            self._drain()

    @on(Resize)
    def resize(self, msg: Resize) -> Later | None:
        """Have so many members."""
        cell = self.__engine__()
        call = current_call(cell, msg)
        reply = defer(cell, call)
        if self._box.draining:
            why = "it ends when its members have handled what they have"
            reply.fail(ActorStopped(f"{cell.path} is not resized: it is stopping", why=why))
            return reply
        resizing = Resizing(reply, call)
        self._resizings.append(resizing)
        change = msg.size - len(self._members) - len(self._starting)
        resizing.numbers = self._grow(change) if change > 0 else self._shrink(-change)
        self._changed()
        self._settle(None)
        return reply

    initial = resize

    # -- more members ------------------------------------------------------------------------

    def _grow(self, count: int) -> set[int]:
        """Take back members that are leaving, then add others; the numbers of these."""
        for number in sorted(self._leaving):
            child = self._leaving[number]
            if count and not child.retired and child.cell is not None:
                self._members[number] = self._leaving.pop(number)
                self._settle(number)
                count -= 1
        added: set[int] = set()
        number = 0
        while len(added) < count:
            number += 1
            taken = number in self._members or number in self._starting
            if not taken and number not in self._leaving:
                added.add(number)
                self._add(number)
        return added

    def _add(self, number: int) -> None:
        cell, overseer = self.__engine__(), self._overseer
        child = Child(None, self._recipe.member(number), cell.scheduler.now())
        child.place, child.fresh = number - 1, True
        call = Call(None, cell, None)
        call.wake = lambda: self._answered(number, call)
        child.starter = ReplyTo(cell, call)
        self._starting[number] = child
        overseer.when_idle(lambda: overseer.start_child(child))

    def _answered(self, number: int, call: Call) -> None:
        """A new member has started, or did not; perhaps it is not wanted any more."""
        if not self._overseer.is_open:
            return
        error: BaseException | None = None
        try:
            call.result()
        except Exception as raised:
            error = raised
        child = self._starting.pop(number, None)
        if child is None:
            if error is not None:
                self._gone(number)
            elif number in self._leaving:
                self._watch(number, self._leaving[number])
            return
        if error is None:
            self._members[number] = child
            self._watch(number, child)
            self._changed()
        self._settle(number, error)

    # -- fewer members -----------------------------------------------------------------------

    def _shrink(self, count: int) -> set[int]:
        """Let those with the highest numbers leave; the numbers."""
        present = sorted(self._members.keys() | self._starting.keys(), reverse=True)
        chosen = set(present[:count])
        leaving = [number for number in present[:count] if number in self._members]
        for number in chosen:
            child = self._members.pop(number, None) or self._starting.pop(number)
            self._leaving[number] = child
        self._changed()
        for number in chosen:
            if number in leaving:
                self._send_away(number, self._leaving[number])
            else:
                self._settle(number)  # for who wanted it
                self._retire(number, self._leaving[number])
        return chosen

    def _send_away(self, number: int, child: Child) -> None:
        """Have a member end behind the messages that it has."""
        member = child.cell
        if member is None:
            return
        room = waiting_room(member)
        if isinstance(room, RoutingBox):  # a pool: its members have the messages
            child.retired = True
            member.put(DRAIN_STOP)
            return
        if room is not None and room.waiters:
            waiters = list(room.waiters)
            room.waiters.clear()
            self._box.move(waiters)
        member.put(Errand("leave", lambda: self._retire(number, child)))

    def _retire(self, number: int, child: Child) -> None:
        """A member has handled what it had; unless it was taken back meanwhile, it ends."""
        due = self._overseer.is_open and self._leaving.get(number) is child
        if due and child.cell is not None:
            self._overseer.retire(child)

    def _drain(self) -> None:
        """Stop behind what was sent: when all members have handled what they have."""
        if not self._overseer.is_open:
            return
        self._shrink(len(self._members) + len(self._starting))
        self._end_if_empty()

    # -- what becomes of members -------------------------------------------------------------

    def _watch(self, number: int, child: Child) -> None:
        """Be told when the member is over for good."""
        member = child.cell
        if member is None or member.outcome is not None:
            self._gone(number)
        else:
            member.more.at_end[Pool] = lambda: self._gone(number)

    def _gone(self, number: int) -> None:
        child = self._members.pop(number, None) or self._leaving.pop(number, None)
        self._changed()
        overseer = self._overseer
        if not overseer.is_open:
            return
        if child is not None and overseer.order is not None and child in overseer.order:
            overseer.order.remove(child)
        self._settle(number)
        self._end_if_empty()

    def _changed(self) -> None:
        """Route to the members there are."""
        cells = {number: child.cell for number, child in self._members.items()}
        self._box.change({number: cell for number, cell in cells.items() if cell is not None})

    def _settle(self, number: int | None, error: BaseException | None = None) -> None:
        """A member has started, or left: those who wait for it need not any more."""
        for resizing in list(self._resizings):
            if number in resizing.numbers:
                resizing.numbers.discard(number)
                resizing.error = resizing.error or error
            if resizing.numbers:
                first = min(resizing.numbers)
                child = self._starting.get(first) or self._leaving.get(first)
                resizing.wait_for(child.cell if child is not None else None)
                continue
            self._resizings.remove(resizing)
            if resizing.error is not None:
                resizing.reply.fail(resizing.error)
            else:
                resizing.reply.reply(None)

    def _end_if_empty(self) -> None:
        if not self._members and not self._starting and not self._leaving:
            self._box.draining = False  # a next incarnation has messages to route
            self.__engine__().signal("end", Normal())


def check_members(props: Props[Any]) -> None:
    """Raise unless a pool can make several of these."""
    if not is_props(props):
        raise BadArgument(
            f"pool() got {props!r}",
            why="a pool makes its members again and again",
            mend="give props(Worker, 1), not the class nor an instance",
        )
    if props.spec.name is not None:
        raise wrong_place("a name for each member", f"pool(...).named({props.spec.name!r})")
    if props.spec.significant:
        raise wrong_place("significant members", "pool(...).significant()")


def check_size(size: int) -> None:
    """Raise unless there can be so many members."""
    # Any: what users of no checker give
    given: Any = size
    if not isinstance(given, int) or given < 1:
        raise BadArgument(
            f"a pool cannot have {size!r} members",
            mend="give a number of 1 or more; to end the pool, stop it",
        )


def wrong_place(what: str, instead: str) -> BadArgument:
    """The error for a condition given to the pool that is its members', or the reverse."""
    return BadArgument(f"a pool cannot have {what}", mend=f"write {instead}")


def is_props(value: object) -> bool:
    """Whether users of no checker gave what they should."""
    return isinstance(value, Props)

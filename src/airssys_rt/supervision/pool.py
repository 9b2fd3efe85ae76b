"""Pools: one ref, many actors of a kind behind it, each supervised (Akka: pool routers).

`pool(props(Worker), 4)` is a `Props` as any other.  The pool is an actor (see `crew`), and its
mailbox routes (see `router`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import msgspec
from typing_extensions import TypeVar

from airssys_rt.core.health import Health
from airssys_rt.errors import BadArgument
from airssys_rt.kernel.props import Props
from airssys_rt.kernel.ref import ActorRef, cell_of
from airssys_rt.supervision.checks import check_limits
from airssys_rt.supervision.crew import Pool
from airssys_rt.supervision.router import BroadcastBox, Resize, RoutingBox
from airssys_rt.supervision.routing import ROUTINGS, ByKey, ConsistentHash

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
    plain_maker: None = None


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

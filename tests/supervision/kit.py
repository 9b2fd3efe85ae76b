"""A world of workers and supervisors that write down when they start and how they end.

What happened is a list of `(what, id)` and `("stop", id, class of the reason)`, in order: `start`
is written by the constructor, `fail` by one that is told to fail, `stop` by `post_stop`, or, for
an actor that was killed and runs no hook, by the system's event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    AnyRef,
    ChildCount,
    CountChildren,
    DynamicSupervisor,
    ExitReason,
    Failed,
    Killed,
    Message,
    Props,
    Request,
    StartChild,
    Supervisor,
    WhichChildren,
    on,
    props,
)
from airssys_rt.kernel.cell import Cell
from tests.runtime.kit import cell, engine
from tests.virtual import VirtualClock, turns

__all__ = [
    "Call",
    "Crash",
    "Leave",
    "Ref",
    "Spec",
    "Work",
    "Worker",
    "World",
    "counts",
    "running",
    "settle",
    "states",
]

# Any: what a test's function returns is the test's own matter


class Crash(Message):
    """End abnormally."""


class Leave(Message):
    """End normally."""


class Work(Message):
    """Await `fn()` in a handler."""

    fn: Callable[[], Coroutine[Any, Any, None]]


class Call(Request[object]):
    """Reply with `fn(actor)`."""

    fn: Callable[[Any], Any]


WorkerMsg: TypeAlias = Crash | Leave | Work | Call
Ref: TypeAlias = ActorRef[WorkerMsg]
Spec: TypeAlias = Props[WorkerMsg]


class World:
    """What the actors of one test share."""

    def __init__(self) -> None:
        self.events: list[tuple[str, ...]] = []
        self.failing: Counter[str] = Counter()  # how many of the next starts of an id fail
        self.refs: dict[str, Any] = {}  # the newest of each id; Any: of workers and supervisors
        self.top: Any = None

    def born(self, ident: str, ref: AnyRef) -> None:
        """A constructor runs.  Raises if that id is told to fail."""
        if self.failing[ident] > 0:
            self.failing[ident] -= 1
            self.events.append(("fail", ident))
            raise RuntimeError(f"{ident} does not start")
        self.refs[ident] = ref
        self.events.append(("start", ident))

    def died(self, ident: str, reason: ExitReason) -> None:
        self.events.append(("stop", ident, name_of(reason)))

    def since(self) -> list[tuple[str, ...]]:
        """What happened since the last time this was asked."""
        events, self.events = self.events, []
        return events

    def worker(self, ident: str, **hooks: Any) -> Spec:
        """A worker with that name."""
        return props(Worker, self, ident, **hooks).named(ident)

    def sup(self, ident: str, *children: Props[Any], **options: Any) -> Props[Any]:
        """A supervisor with that name."""
        return props(Watched, self, ident, children, **options).named(ident).shutdown("infinity")

    def dynamic(self, ident: str, **options: Any) -> Props[Any]:
        """A dynamic supervisor with that name."""
        return props(WatchedDynamic, self, ident, **options).named(ident).shutdown("infinity")

    async def tree(self, system: ActorSystem, *children: Props[Any], **options: Any) -> Any:
        """Start a supervisor `top` whose end, of whatever reason, is its own matter."""
        above = system.spawn(props(DynamicSupervisor))
        top = self.sup("top", *children, **options).restart("temporary")
        self.top = await above.ask(StartChild(top))
        await settle(system)
        self.since()
        return self.top

    async def crash(self, system: ActorSystem, *idents: str) -> list[tuple[str, ...]]:
        """Crash these workers at once; what followed."""
        for ident in idents:
            self.refs[ident].tell(Crash())
        await settle(system)
        return self.since()

    async def leave(self, system: ActorSystem, ident: str) -> list[tuple[str, ...]]:
        """Let this worker end normally; what followed."""
        self.refs[ident].tell(Leave())
        await settle(system)
        return self.since()


def name_of(reason: ExitReason) -> str:
    """The class of a reason; a supervisor that gives up ends as by a shutdown, as in OTP."""
    if isinstance(reason, Failed):
        return "shutdown" if reason.error_type == "RestartIntensityExceeded" else "failed"
    return type(reason).__name__.lower()


class Worker(Actor[WorkerMsg]):
    """Ends as its messages say; `starting` and `stopping` are run by its hooks."""

    def __init__(
        self,
        world: World,
        ident: str,
        *,
        starting: Callable[[], Any] | None = None,
        stopping: Callable[[], Any] | None = None,
    ) -> None:
        self.world = world
        self.ident = ident
        self.starting = starting
        self.stopping = stopping
        world.born(ident, self.ref)

    def pre_start(self) -> Any:
        return self.starting() if self.starting is not None else None

    def post_stop(self, reason: ExitReason) -> Any:
        if self.stopping is None:
            self.world.died(self.ident, reason)
            return None
        return self._stop(reason)

    async def _stop(self, reason: ExitReason) -> None:
        assert self.stopping is not None
        await self.stopping()
        self.world.died(self.ident, reason)

    @on(Crash)
    def crash(self, msg: Crash) -> None:
        raise RuntimeError("crashed")

    @on(Leave)
    def leave(self, msg: Leave) -> None:
        self.stop()

    @on(Work)
    async def work(self, msg: Work) -> None:
        await msg.fn()

    @on(Call)
    def call(self, msg: Call) -> object:
        result: object = msg.fn(self)
        return result

    initial = crash | leave | work | call


class Watched(Supervisor):
    """A supervisor that writes down its own life as well."""

    def __init__(
        self, world: World, ident: str, children: Iterable[Props[Any]], **options: Any
    ) -> None:
        self.world = world
        self.ident = ident
        world.born(ident, self.ref)
        super().__init__(tuple(children), **options)

    def post_stop(self, reason: ExitReason) -> Any:
        self.world.died(self.ident, reason)
        return super().post_stop(reason)


class WatchedDynamic(DynamicSupervisor):
    """The same with children that come and go."""

    def __init__(self, world: World, ident: str, **options: Any) -> None:
        self.world = world
        self.ident = ident
        world.born(ident, self.ref)
        super().__init__(**options)

    def post_stop(self, reason: ExitReason) -> Any:
        self.world.died(self.ident, reason)
        return super().post_stop(reason)


@asynccontextmanager
async def running(clock: VirtualClock | None = None) -> AsyncIterator[tuple[World, ActorSystem]]:
    """A system on a clock that stands still, and a world whose events hold also the kills."""
    world = World()
    async with ActorSystem(clock=clock or VirtualClock()) as system:
        watch_kills(world, system)
        yield world, system


def watch_kills(world: World, system: ActorSystem) -> None:
    """Write down the ends of those that were killed, at once."""
    scheduler = engine(system)
    port: Any = scheduler.port
    publish = port.event
    killed: set[tuple[Cell, int]] = set()

    def event(one: Any) -> None:
        if isinstance(getattr(one, "reason", None), Killed):
            key = (cell(one.ref), one.incarnation)  # its slot may be given up later
            if key not in killed:
                killed.add(key)
                world.events.append(("stop", one.path.rsplit("/", 1)[-1], "killed"))
        publish(one)

    port.event = event
    scheduler.observed = True


async def settle(system: ActorSystem) -> None:
    """Let everything happen that does not wait for time."""
    await turns()
    await system.drain()
    await turns()
    await system.drain()


async def states(sup: Any) -> dict[str, str]:
    """How the children of a supervisor are, by id, in their order."""
    return {info.id: info.state for info in await sup.ask(WhichChildren())}


async def counts(sup: Any) -> tuple[int, int, int, int]:
    """Specifications, active children, supervisors, workers."""
    count: ChildCount = await sup.ask(CountChildren())
    return count.specs, count.active, count.supervisors, count.workers

"""`ActorSystem`: the engine in an `async with` block.

Inside the block actors live; leaving it drains (unless an exception leaves it) and stops the tree
in order.  Laws: nothing outlives the block; the body's own exception leaves unwrapped; the
ordered stop is shielded from cancellation, which bounds it by `shutdown`; a handler that ignores
its kill is waited for all the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, Self, overload

import anyio
from typing_extensions import TypeVar

from airssys_rt.core.ref import AnyRef
from airssys_rt.core.signals import DeadLetter, LifecycleEvent, Shutdown
from airssys_rt.errors import AskCycle, NoSystem
from airssys_rt.kernel.ending import kill
from airssys_rt.kernel.life import later
from airssys_rt.kernel.limits import Limits
from airssys_rt.kernel.ref import ActorRef, AdapterRef, Spawned, check_timeout
from airssys_rt.kernel.reply import ReplyTo
from airssys_rt.kernel.scheduler import Scheduler
from airssys_rt.kernel.spawn import root_cell, spawn
from airssys_rt.kernel.waits import Wait
from airssys_rt.kernel.wire import Wire
from airssys_rt.naming.breaker import BreakerRef
from airssys_rt.naming.directory import Directory
from airssys_rt.naming.group import Group
from airssys_rt.naming.limited import LimitedRef
from airssys_rt.naming.registry import named_ref, register, unregister, whereis
from airssys_rt.naming.topic import Topic
from airssys_rt.naming.wrapped import WrappedRef
from airssys_rt.runtime.backend import current_backend, protect
from airssys_rt.runtime.carrier import Carrier, CarrierPool
from airssys_rt.runtime.collector import freeze, thaw
from airssys_rt.runtime.offload import HOST
from airssys_rt.runtime.port import RuntimePort
from airssys_rt.runtime.settings import Settings
from airssys_rt.runtime.snapshot import Snapshot, picture
from airssys_rt.runtime.timekeeper import LoopClock, Timekeeper
from airssys_rt.runtime.workers import Crew
from airssys_rt.supervision.overseer import oversee

if TYPE_CHECKING:
    from types import TracebackType

    from airssys_rt.core.name import Name, NameOf
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.clock import Clock
    from airssys_rt.kernel.props import Props

__all__ = ["ActorSystem"]

M = TypeVar("M")
Ref = TypeVar("Ref", bound=AnyRef)
P = ParamSpec("P")


class ActorSystem:
    """A tree of actors on the running event loop; enter it with `async with`, in one task.

    `strict_wire` sends every message through its encoding; `drain` and `shutdown` are the seconds
    that leaving the block gives to queued messages and to the ordered stop; `max_actors` and
    `max_queued` limit the actors of the whole system and the messages that wait in it; `debug`
    checks at each send; `clock` replaces the loop's time; `gc="freeze"` keeps full collections of
    garbage, in the whole process, to when no actor is at work.  Raises `BadArgument`.
    """

    def __init__(
        self,
        name: str = "system",
        *,
        strict_wire: bool = False,
        drain: float = 5.0,
        shutdown: float = 5.0,
        max_actors: int | None = None,
        max_queued: int | None = None,
        debug: bool = False,
        clock: Clock | None = None,
        gc: Literal["freeze"] | None = None,
    ) -> None:
        self._settings = Settings(
            name, strict_wire, drain, shutdown, max_actors, max_queued, debug, gc
        )
        self._clock = clock
        self._parts: _Parts | None = None
        self._fatal: BaseException | None = None
        protect(ENTRIES)

    # -- the block -----------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        if self._parts is not None:
            raise NoSystem(
                f"the system {self.name!r} was entered before",
                why="an ActorSystem is good for one block",
                mend="make another ActorSystem",
            )
        self._task = anyio.get_current_task().id
        self._parts = await _Parts.make(self, self._settings, self._clock, self._on_fatal)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:  # not bool: checkers would think that the block swallows exceptions
        parts = self._running()
        if anyio.get_current_task().id != self._task:
            raise NoSystem(
                f"the system {self.name!r} is left in another task than it was entered in",
                why="its block is a scope of one task, as a task group is",
                mend="keep the `async with` in one function of one task; a fixture or an async"
                " generator must not be finished by somebody else",
            )
        failure = exc
        if exc is None and self._fatal is None:
            try:
                await self.drain(self._settings.drain)
            except BaseException as error:
                failure = error
        # what this swallows, _fatal replaces
        parts.host.__exit__(type(failure) if failure is not None else None, failure, traceback)
        # Ctrl-C is a cancellation on asyncio, and an exception of the body on trio
        calm = failure is None or isinstance(failure, Exception)
        try:
            await parts.close(hurry=self._fatal is not None or not calm)
        finally:
            if self._settings.gc is not None:
                thaw()
        if self._fatal is not None:
            raise self._fatal
        if failure is not None and failure is not exc:
            raise failure

    async def drain(self, timeout: float | None = None) -> bool:
        """Wait until no message is queued or being handled, at most `timeout` seconds.

        True if that came about.  Timers that are not due, jobs and stashed messages do not count.
        Raises `AskCycle` in a handler, which is itself a message being handled.
        """
        if timeout is not None:
            check_timeout(timeout)
        scheduler = self._running().scheduler
        scheduler.check_open()
        if scheduler.current is not None:  # a handler would wait for its own end
            path = scheduler.current.path
            raise AskCycle((path, path))
        with anyio.move_on_after(timeout) as scope:
            while scheduler.busy():
                wait = Wait(None, None)
                scheduler.quiet.append(wait)
                await scheduler.wait(wait)
        return not scope.cancelled_caught

    def _on_fatal(self, error: BaseException) -> None:
        if self._fatal is None:
            self._fatal = error
        if self._parts is not None:
            self._parts.host.cancel()

    # -- what users do ---------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The system's name."""
        return self._settings.name

    @overload
    def spawn(self, what: Props[M], /) -> ActorRef[M]: ...
    @overload
    def spawn(
        self, what: Callable[P, Spawned[Ref]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Ref: ...
    # Any: the overloads type the arguments
    def spawn(self, what: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Start an actor at the top of the tree; its ref is good at once.

        `what` is an actor class (or a function that makes one) with its arguments, or `Props`.
        The actor is constructed when the engine first runs it; `await ref.started()` waits for
        that.  Raises `NameTaken`, `TooManyActors`, `ActorStopped` when the system was left,
        `NoSystem` when it was not entered.
        """
        return spawn((self._parts or self._running()).root, what, args, kwargs)

    def ref(self, name: NameOf[M], /) -> ActorRef[M]:
        """A ref that finds the holder of `name` at each send."""
        return named_ref(self._running().scheduler, name)

    def whereis(self, name: NameOf[M], /) -> ActorRef[M] | None:
        """The actor that holds `name` now (OTP: `whereis`)."""
        return whereis(self._running().scheduler, name)

    def register(self, name: Name[M], ref: ActorRef[M], /) -> None:
        """Let an actor hold `name`, too, until it is over for good (OTP: `register`).

        The holder may register again.  Raises `NameTaken` if another actor holds the name,
        `ProtocolError` if the actor does not accept what the name promises, `ActorStopped` if it
        is over, `BadArgument` for an adapter or an actor of another system.
        """
        register(self._running().scheduler, name, ref)

    # Any: what the name promises does not matter any more
    def unregister(self, name: Name[Any], /) -> None:
        """Take `name` from who holds it, if anybody does (OTP: `unregister`)."""
        unregister(self._running().scheduler, name)

    def group(self, name: Name[M], /) -> Group[M]:
        """The group of this name: the same one for all who ask (OTP: `pg`).

        Raises `ProtocolError` if it is there with another type.
        """
        return self._running().directory.group(name)

    def topic(self, name: Name[M], /) -> Topic[M]:
        """The topic of this name: the same one for all who ask.

        Raises `ProtocolError` if it is there with another type.
        """
        return self._running().directory.topic(name)

    @property
    def dead_letters(self) -> Topic[DeadLetter]:
        """What nobody handled, with the reasons."""
        return self._running().port.dead_letters

    @property
    def events(self) -> Topic[LifecycleEvent]:
        """Starts, crashes and ends of actors; circuits and limits that change."""
        return self._running().port.events

    def snapshot(self) -> Snapshot:
        """The tree of actors as it is now, with counts."""
        parts = self._running()
        scheduler = parts.scheduler
        scheduler.check_open()
        return Snapshot(
            system=self.name,
            actors=scheduler.actors - 1,
            dead_letters=scheduler.buried,
            late_replies=scheduler.late_replies,
            tree=picture(parts.root).children,
        )

    def _running(self) -> _Parts:
        if self._parts is None:
            raise NoSystem(
                f"the system {self.name!r} is not running",
                why="it has not been entered",
                mend="use it inside `async with ActorSystem(...) as system:`",
            )
        return self._parts

    def __repr__(self) -> str:
        return f"<ActorSystem {self.name!r}>"


class _Parts:
    """A running system's parts, put together on entry and taken apart on exit."""

    def __init__(
        self,
        port: RuntimePort,
        scheduler: Scheduler,
        root: Cell,
        timekeeper: Timekeeper,
        shutdown: float,
    ) -> None:
        self.port = port
        self.scheduler = scheduler
        self.root = root
        self.directory = Directory(scheduler)
        self.host = anyio.CancelScope()
        self._timekeeper = timekeeper
        self._shutdown = shutdown

    @staticmethod
    async def make(
        system: ActorSystem,
        settings: Settings,
        clock: Clock | None,
        on_fatal: Callable[[BaseException], None],
    ) -> _Parts:
        """Build the engine on the running loop and start its tasks."""
        backend = current_backend()
        protect(ENTRIES)
        port = RuntimePort(settings.name, backend, clock, on_fatal)
        scheduler = Scheduler(
            port,
            name=settings.name,
            system=system,
            random=random.Random(),
            shutdown=settings.shutdown,
            debug=settings.debug,
            wire=Wire() if settings.strict_wire else None,
            make_ref=ActorRef,
            oversee=oversee,
        )
        port.scheduler = scheduler
        if settings.max_actors is not None or settings.max_queued is not None:
            Limits(scheduler, settings.max_actors, settings.max_queued)
        port.pool = CarrierPool(scheduler, backend)
        port.crew = Crew(backend)
        scheduler.context.run(HOST.set, port.crew)
        port.timekeeper = Timekeeper(scheduler, LoopClock() if clock is None else clock, backend)
        if port.timekeeper.leaps:
            port.pool.keeper = port.timekeeper
        port.dead_letters = Topic(scheduler, "dead_letters")
        events: Topic[LifecycleEvent] = Topic(scheduler, "events")
        port.events = events
        events.changed = lambda: setattr(scheduler, "observed", bool(events.subscribers))
        await backend.open(on_fatal)
        port.timekeeper.start()
        if settings.gc is not None:
            freeze(scheduler)
        parts = _Parts(port, scheduler, root_cell(scheduler), port.timekeeper, settings.shutdown)
        parts.host.__enter__()
        return parts

    async def close(self, *, hurry: bool) -> None:
        """Stop the tree in order, then the tasks; cancellation waits until that is done.

        In a `hurry` the whole stop is bounded by the system's shutdown time; else each actor has
        its own.  A cancellation that no shield stops, or Ctrl-C, makes it hurry; a second one
        kills what is left.
        """
        interrupts = (self.port.backend.cancelled, KeyboardInterrupt)
        interrupted: BaseException | None = None
        with anyio.CancelScope(shield=True):
            scheduler, root = self.scheduler, self.root
            if hurry:
                later(scheduler, self._shutdown, lambda: kill(root))
            over = Wait(None, None)
            root.more.waiters += (("stopped", over),)
            root.signal("end", Shutdown())
            while not over.done:
                try:
                    await self.port.wait(over)
                except interrupts as error:
                    interrupted = error
                    if hurry:
                        kill(root)
                    else:
                        hurry = True
                        later(scheduler, self._shutdown, lambda: kill(root))
            scheduler.open = False
            scheduler.inbox.flush()
            self.port.dead_letters.close()
            self.port.events.close()
            self.directory.close()
            self.port.log.flush()
            self.port.pool.close()
            self._timekeeper.close()
        for finish in (partial(self.port.crew.close, self._shutdown), self.port.backend.join):
            try:
                await finish()
            except interrupts as error:
                interrupted = error
        if interrupted is not None:
            raise interrupted


# the ways into the engine, from its own tasks and from users'
WAYS_IN: tuple[tuple[type[Any], str], ...] = (
    (Carrier, "run"),
    (Timekeeper, "run"),
    (RuntimePort, "run_job"),
    (ActorSystem, "__aenter__ __aexit__ drain spawn register unregister"),
    (ActorRef, "tell send ask stop started stopped"),
    (AdapterRef, "tell"),
    (WrappedRef, "tell"),
    (BreakerRef, "send ask"),
    (LimitedRef, "send ask"),
    (ReplyTo, "reply fail drop"),
    (Group, "join leave broadcast"),
    (Topic, "publish subscribe unsubscribe"),
)
ENTRIES: tuple[Callable[..., Any], ...] = tuple(
    getattr(owner, name) for owner, names in WAYS_IN for name in names.split()
)

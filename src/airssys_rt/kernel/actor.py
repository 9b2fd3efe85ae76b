"""`Actor[M]`: the base of users' actors, and the verbs that their handlers use.

Verbs work from `__init__` on, in the running actor only: one that was made by hand has no engine,
its handlers are plain callables.  The verbs themselves are one-liners over the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable
from logging import LoggerAdapter, getLogger
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, ParamSpec, Self, cast, overload

from typing_extensions import TypeVar

from airssys_rt.core.behaviour import Accepts, Behaviour, Edge
from airssys_rt.core.message import Later, Replies
from airssys_rt.core.protocol import ActorProtocol
from airssys_rt.core.ref import AnyRef
from airssys_rt.core.signals import Down, Exit
from airssys_rt.errors import NoSystem, ProtocolError
from airssys_rt.kernel.construct import check_arguments, take_cell
from airssys_rt.kernel.ending import exit_signal, stop
from airssys_rt.kernel.forward import current_call, forward
from airssys_rt.kernel.jobs import Job, start_job
from airssys_rt.kernel.links import link, unlink
from airssys_rt.kernel.props import Props
from airssys_rt.kernel.ref import Accepting, ActorRef, AdapterRef, Spawned, cell_of
from airssys_rt.kernel.reply import LATER, ReplyTo, defer
from airssys_rt.kernel.spawn import spawn
from airssys_rt.kernel.stash import become, put_next, stash_current, unbecome, unstash
from airssys_rt.kernel.timers import STATE, Timer
from airssys_rt.kernel.verbs import cancel_timer, needed, set_receive_timeout, set_timer
from airssys_rt.kernel.watch import Monitor, monitor

if TYPE_CHECKING:
    import logging
    from random import Random

    from airssys_rt.core.signals import ExitReason
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.runtime.system import ActorSystem

__all__ = ["Actor"]

M = TypeVar("M")
M2 = TypeVar("M2")
T = TypeVar("T")
R = TypeVar("R")
Ref = TypeVar("Ref", bound=AnyRef)
P = ParamSpec("P")

logger = getLogger("airssys_rt")


class Actor(Generic[M]):
    """An actor that accepts the messages of the union `M`.

    A subclass has `@on(T)` methods, and `initial`, the behaviour over exactly `M` in which it
    starts.  Class attributes: `flow`, the transitions allowed (all, if it is empty); `unhandled`,
    what becomes of a message outside the current behaviour; `stash_capacity`, in messages;
    `trap_exits`: whether the end of a linked actor comes as an `Exit` instead of ending this one;
    `intensity` and `period`: how many restarts of its children in how many seconds it bears.
    """

    # no __slots__: on 3.13 a base with slots makes each instance 300 bytes larger, and slower

    initial: Behaviour[M]
    flow: ClassVar[tuple[Edge, ...]] = ()
    unhandled: ClassVar[Literal["dead_letter", "stash", "fail"]] = "dead_letter"
    stash_capacity: ClassVar[int] = 10_000
    trap_exits: ClassVar[bool] = False
    intensity: ClassVar[int] = 1
    period: ClassVar[float] = 5.0

    __protocol__: ClassVar[ActorProtocol]
    __supervises__: ClassVar[bool] = False  # its default shutdown time is infinite
    __cell__: Cell | None

    if not TYPE_CHECKING:  # to a checker, the constructor's arguments are those of __init__ alone

        def __new__(cls, *args: Any, **kwargs: Any) -> Self:
            """Take the cell under construction from the engine."""
            check_arguments(cls, args, kwargs)
            self = super().__new__(cls)
            self.__cell__ = take_cell(cls)
            return self

    # Any: class keywords of mixins
    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        taken = [name for name in VERBS if getattr(cls, name) is not VERBS[name]]
        if taken:
            raise ProtocolError(
                f"{cls.__name__} redefines {', '.join(sorted(taken))}",
                where=f"{cls.__module__}.{cls.__qualname__}",
                why="these names are the actor's verbs",
                mend="give your own attribute another name",
            )
        if cls.unhandled not in ("dead_letter", "stash", "fail"):
            raise ProtocolError(
                f"{cls.__name__}.unhandled is {cls.unhandled!r}",
                where=f"{cls.__module__}.{cls.__qualname__}",
                why="it says what becomes of a message that the behaviour does not accept",
                mend='use "dead_letter", "stash" or "fail"',
            )
        # Any: whatever the subclass wrote
        capacity: Any = cls.stash_capacity
        if not isinstance(capacity, int) or capacity < 1:
            raise ProtocolError(
                f"{cls.__name__}.stash_capacity is {capacity!r}",
                where=f"{cls.__module__}.{cls.__qualname__}",
                why="a stash that holds nothing could take no message",
                mend="give the number of messages the stash may hold, 1 or more",
            )
        # Any: as above
        traps: Any = cls.trap_exits
        if not isinstance(traps, bool):
            raise ProtocolError(
                f"{cls.__name__}.trap_exits is {traps!r}",
                where=f"{cls.__module__}.{cls.__qualname__}",
                why="an actor traps the exits of those it is linked with, or it does not",
                mend="use True or False",
            )
        cls.__protocol__ = ActorProtocol(cls, Actor)

    # -- hooks -----------------------------------------------------------------------------

    def pre_start(self) -> Coroutine[Any, Any, None] | None:
        """Called before the first message, sync or async; what it raises is a failed start."""

    def post_stop(self, reason: ExitReason, /) -> Coroutine[Any, Any, None] | None:
        """Called when the incarnation ends, sync or async, but not after a kill.

        What it raises is logged and changes nothing.
        """

    # -- what the actor is -------------------------------------------------------------------

    def __engine__(self) -> Cell:
        """The actor's cell.  Raises `NoSystem` if it was made by hand."""
        cell = self.__cell__
        if cell is None:
            raise NoSystem(
                f"this {type(self).__name__} runs in no system",
                why="it was made by hand, so it has no mailbox, children or clock",
                mend=f"system.spawn({type(self).__name__}, ...), or ActorKit of"
                " airssys_rt.testing to test it alone",
            )
        return cell

    @property
    def ref(self) -> ActorRef[M]:
        """The actor's own address."""
        # not always the engine: a worker thread that runs a handler may know the address
        return ActorRef(self.__cell__ or self.__engine__())

    @property
    def system(self) -> ActorSystem:
        """The system that runs the actor."""
        return cast("ActorSystem", self.__engine__().scheduler.system)

    @property
    def log(self) -> LoggerAdapter[logging.Logger]:
        """The logger `airssys_rt.actor`, with the actor's path before each text."""
        return PathLogger(
            getLogger("airssys_rt.actor"), {"path": (self.__cell__ or self.__engine__()).path}
        )

    @property
    def random(self) -> Random:
        """The system's source of chance; simulations replay it."""
        return self.__engine__().scheduler.random

    def now(self) -> float:
        """The system's monotonic time, in seconds; simulations set it."""
        return self.__engine__().scheduler.now()

    # -- behaviour ---------------------------------------------------------------------------

    def become(self, behaviour: Accepts[M], push: bool = False) -> None:
        """Handle messages with `behaviour` from the next one on.

        With `push=True` the present behaviour is kept below it, for `unbecome`.  Raises
        `IllegalTransition` if the class declares a `flow` without this transition.
        """
        become(self.__engine__(), self.__protocol__, behaviour, push=push)

    def unbecome(self) -> None:
        """Go back to the behaviour below.  Raises `IllegalTransition` if there is none."""
        unbecome(self.__engine__())

    @overload
    def state_timeout(self, seconds: float, msg: M, /) -> None: ...
    @overload
    def state_timeout(self, seconds: None, /) -> None: ...
    def state_timeout(self, seconds: float | None, msg: M | None = None, /) -> None:
        """Send oneself `msg` after `seconds`, unless the behaviour changes before.

        Replaces an earlier state timeout; None ends it (OTP: `state_timeout`).
        """
        cell = self.__engine__()
        if seconds is None:
            cancel_timer(cell, STATE)
        else:
            set_timer(cell, None, seconds, needed(msg), STATE)

    @overload
    def receive_timeout(self, seconds: float, msg: M, /) -> None: ...
    @overload
    def receive_timeout(self, seconds: None, /) -> None: ...
    def receive_timeout(self, seconds: float | None, msg: M | None = None, /) -> None:
        """Send oneself `msg` whenever no message was handled for `seconds`; None ends it."""
        cell = self.__engine__()
        set_receive_timeout(cell, seconds, msg if seconds is None else needed(msg))

    def stash(self) -> Later:
        """Put the message being handled aside until `unstash_all`.

        A request handler returns what this returns.  Raises `MailboxFull` when
        `stash_capacity` is reached.
        """
        stash_current(self.__engine__())
        return LATER

    def unstash_all(self) -> int:
        """Put all stashed messages before the mailbox, in their order; how many there were."""
        return unstash(self.__engine__(), by_policy=None)

    def next(self, msg: M, /) -> None:
        """Handle `msg` before the mailbox, several in their order (OTP: `next_event`)."""
        put_next(self.__engine__(), msg)

    # -- life ----------------------------------------------------------------------------------

    @overload
    def spawn(self, what: Props[M2], /) -> ActorRef[M2]: ...
    @overload
    def spawn(
        self, what: Callable[P, Spawned[Ref]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Ref: ...
    # Any: the overloads type the arguments
    def spawn(self, what: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Start a child; it ends before this actor does.  See `ActorSystem.spawn`."""
        return spawn(self.__engine__(), what, args, kwargs)

    def stop(self) -> None:
        """End after the present handler, with reason `Normal`."""
        stop(self.__engine__())

    @overload
    def monitor(self: Accepting[Down], ref: AnyRef, /) -> Monitor: ...
    @overload
    def monitor(self, ref: AnyRef, /, via: Callable[[Down], M]) -> Monitor: ...
    # Any: the overloads type the message that `via` makes
    def monitor(self, ref: AnyRef, /, via: Callable[[Down], Any] | None = None) -> Monitor:
        """Be told of the end of another actor, by a `Down` or what `via` makes of it.

        A monitor watches the slot, over restarts; the last `Down` has `restarting=False`.  Raises
        `ProtocolError` if neither the union contains `Down` nor `via` is given.
        """
        me = cast("Actor[Any]", self).__engine__()
        return monitor(me, cell_of(ref), via)

    def demonitor(self, monitor: Monitor, /, *, flush: bool = False) -> None:
        """End a monitor; with `flush=True` a `Down` that is queued does not arrive, either."""
        self.__engine__()
        monitor.detach()
        if flush:
            monitor.live = False

    def link(self, ref: AnyRef, /, via: Callable[[Exit], M] | None = None) -> None:
        """End together with another actor: who ends abnormally ends the other one, too.

        With `trap_exits = True` an `Exit`, or what `via` makes of it, arrives instead, whatever
        the reason.  A link binds two incarnations; if the other one's is over, the signal comes
        at once.  Raises `ProtocolError` if a class that traps does not accept `Exit`.
        """
        cell = self.__engine__()
        reason = link(cell, type(self), cell_of(ref), via)
        if reason is not None:
            exit_signal(cell, reason)

    def unlink(self, ref: AnyRef, /) -> None:
        """End a link, for both; an `Exit` that is queued does not arrive, either."""
        unlink(self.__engine__(), cell_of(ref))

    # -- time ----------------------------------------------------------------------------------

    @overload
    def after(self, seconds: float, msg: M, key: Hashable = None) -> Timer: ...
    @overload
    def after(
        self, seconds: float, msg: M2, key: Hashable = None, *, to: ActorRef[M2]
    ) -> Timer: ...
    # Any: the overloads type the message
    def after(
        self, seconds: float, msg: Any, key: Hashable = None, *, to: ActorRef[Any] | None = None
    ) -> Timer:
        """Send `msg` to oneself, or to `to`, after `seconds`.

        A timer with the same `key` is replaced.  A cancelled, replaced or outlived timer never
        arrives.  Raises `BadArgument` unless `seconds` is greater than 0.
        """
        return set_timer(self.__engine__(), to, seconds, msg, key)

    def every(self, seconds: float, msg: M, key: Hashable = None) -> Timer:
        """Send oneself `msg` every `seconds`, at a fixed rate, at most one undelivered."""
        return set_timer(self.__engine__(), None, seconds, msg, key, periodic=True)

    def cancel_timer(self, key: Hashable | Timer, /) -> bool:
        """Cancel a timer, by its key or itself; False if it is not due any more."""
        return cancel_timer(self.__engine__(), key)

    # -- replies, others ---------------------------------------------------------------------

    def forward(self, ref: ActorRef[M2], msg: M2, /) -> Later:
        """Have another actor answer: `msg` goes there with the present asker.

        The request handler returns what this returns.
        """
        forward(self.__engine__(), ref, msg)
        return LATER

    def defer(self, msg: Replies[R], /) -> ReplyTo[R]:
        """Answer `msg`, the request being handled, later: the right to do so.

        Keep it, or pass it on, and return it from the handler.  Dropped, it fails the asker.
        """
        cell = self.__engine__()
        return defer(cell, current_call(cell, msg))

    def adapter(self, fn: Callable[[T], M], /) -> ActorRef[T]:
        """A ref that takes `T`; the actor turns each message into its own with `fn`.

        `fn` runs as the actor's step: what it raises is a failure of this actor.  The adapter
        ends with the incarnation.
        """
        cell = self.__engine__()
        return AdapterRef(cell, fn, cell.incarnation)

    def pipe(
        self,
        work: Coroutine[Any, Any, T],
        ok: Callable[[T], M],
        failed: Callable[[Exception], M],
        /,
    ) -> Job:
        """Run `work` in a task beside the actor; its result arrives as a message.

        The task belongs to this incarnation: it is cancelled, and awaited, when that ends.
        `self.pipe(other.ask(Get()), Got, GetFailed)` is the ask that does not block the actor.
        """
        return start_job(self.__engine__(), work, ok, failed)


# Any: LoggerAdapter's own signature
class PathLogger(LoggerAdapter["logging.Logger"]):
    """Writes the actor's path before each text."""

    def process(self, msg: Any, kwargs: Any) -> tuple[Any, Any]:
        path = self.extra["path"] if self.extra else ""
        return f"{path}: {msg}", kwargs


HOOKS = {
    *("pre_start", "post_stop", "initial", "flow", "unhandled", "stash_capacity"),
    *("intensity", "period", "trap_exits"),
}
VERBS: dict[str, object] = {
    name: getattr(Actor, name)
    for name in Actor.__dict__
    if not name.startswith("_") and name not in HOOKS
}

"""`blocking(ActorSystem(...))`: the system for programs without an event loop.

The system runs in a thread of its own; each verb is a call into it that waits for the outcome.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Self, cast, overload

import anyio
from anyio import get_cancelled_exc_class
from anyio.from_thread import start_blocking_portal
from typing_extensions import TypeVar

from airssys_rt.core.message import RequestFor
from airssys_rt.errors import ActorStopped, BadArgument, NoSystem
from airssys_rt.kernel.props import Props
from airssys_rt.kernel.ref import Accepting, ActorRef, cell_of

if TYPE_CHECKING:
    from concurrent.futures import Future
    from types import TracebackType

    from anyio.abc import TaskStatus
    from anyio.from_thread import BlockingPortal

    from airssys_rt.core.signals import ExitReason
    from airssys_rt.runtime.snapshot import Snapshot
    from airssys_rt.runtime.system import ActorSystem

__all__ = ["BlockingRef", "BlockingSystem", "blocking"]

M = TypeVar("M")
M_contra = TypeVar("M_contra", contravariant=True)
R = TypeVar("R")
P = ParamSpec("P")


BACKENDS = ("asyncio", "trio", "uvloop")


@contextmanager
def held_interrupts() -> Generator[list[int], None, None]:
    """Hold Ctrl-C back meanwhile: a thread that is half started cannot be ended."""
    held: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield held
        return
    before = signal.signal(signal.SIGINT, lambda number, _frame: held.append(number))
    try:
        yield held
    finally:
        signal.signal(signal.SIGINT, before)
        if held:
            signal.raise_signal(signal.SIGINT)


class BlockingRef(Generic[M_contra]):
    """An actor's address for synchronous code; usable from every thread but the system's."""

    __slots__ = ("_host", "_ref")

    def __init__(self, host: BlockingSystem, ref: ActorRef[M_contra]) -> None:
        self._host = host
        self._ref = ref

    @property
    def _portal(self) -> BlockingPortal:
        portal = self._host.portal
        if portal is None:
            raise ActorStopped(
                f"the system of {self._ref.path} is closed",
                why="its `with` block was left",
                mend="use refs only inside the block",
            )
        return portal

    @property
    def ref(self) -> ActorRef[M_contra]:
        """The ref for actors: put it into messages."""
        return self._ref

    @property
    def path(self) -> str:
        """The actor's place in the tree."""
        return self._ref.path

    def tell(self, msg: M_contra, /) -> None:
        """Send; returns when the message is in the mailbox.  Raises as `ActorRef.tell`."""

        def tell() -> None:
            cell_of(self._ref).scheduler.inbox.flush()  # what threads told before this
            self._ref.tell(msg)

        self._portal.call(tell)

    def send(self, msg: M_contra, /) -> None:
        """Send, and wait for room in a bounded mailbox.  Raises as `ActorRef.send`."""
        self._portal.call(self._ref.send, msg)

    def ask(self, msg: RequestFor[M_contra, R], /, *, timeout: float | None = 5.0) -> R:
        """Send a request and wait for its reply, `timeout` seconds.  Raises as `ActorRef.ask`."""

        async def ask() -> R:
            return await self._ref.ask(msg, timeout=timeout)

        return self._portal.call(ask)

    def stop(self, *, drain: bool = False) -> None:
        """Stop the actor, see `ActorRef.stop`."""
        self._portal.call(lambda: self._ref.stop(drain=drain))

    def started(self) -> None:
        """Wait until the actor has started.  Raises `StartFailed`."""
        self._portal.call(self._ref.started)

    def stopped(self) -> ExitReason:
        """Wait until the actor is over; why it ended."""
        return self._portal.call(self._ref.stopped)

    def __repr__(self) -> str:
        return f"<blocking {self._ref!r}>"


class BlockingSystem:
    """An `ActorSystem` for synchronous code; use it in a `with` block."""

    def __init__(self, system: ActorSystem, backend: str) -> None:
        self._system = system
        if backend not in BACKENDS:
            raise BadArgument(
                f"there is no backend {backend!r}",
                why="a system runs on asyncio, uvloop or trio",
                mend=f"give one of {', '.join(BACKENDS)}",
            )
        self._backend = backend
        self._entered = False
        self._stack = ExitStack()
        self._error: BaseException | None = None  # what left the `with` block
        self._fatal: BaseException | None = None  # what ended the system
        self.portal: BlockingPortal | None = None  # while it runs
        self._over: Future[None]
        self._leave: anyio.Event

    async def _serve(self, *, task_status: TaskStatus[anyio.Event]) -> None:
        # what ends programs is kept out of the portal's loop, which would break by it
        try:
            async with self._system:
                leave = anyio.Event()
                task_status.started(leave)
                await leave.wait()
                if self._error is not None:
                    raise self._error
        except BaseException as error:
            if isinstance(error, get_cancelled_exc_class()):
                raise
            self._fatal = error

    def __enter__(self) -> Self:
        if self._entered:
            raise NoSystem(
                f"{self._system!r} was entered before",
                why="a system is good for one block",
                mend="make another blocking(ActorSystem(...))",
            )
        self._entered = True
        options = {"use_uvloop": True} if self._backend == "uvloop" else None
        loop = "trio" if self._backend == "trio" else "asyncio"
        with held_interrupts() as interrupted:
            with ExitStack() as stack:
                portal = stack.enter_context(start_blocking_portal(loop, options))
                self._over, self._leave = portal.start_task(self._serve)
                self.portal = portal
                self._stack = stack.pop_all()
            if interrupted:  # the block will not be entered, so nobody would leave it
                self.__exit__(None, None, None)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        portal = self._running()
        self._error = exc
        try:
            portal.call(self._leave.set)
            self._over.result()
            self._stack.close()
        finally:
            self.portal = None
        if self._fatal is not None and self._fatal is not exc:
            raise self._fatal

    @overload
    def spawn(self, what: Props[M], /) -> BlockingRef[M]: ...
    @overload
    def spawn(
        self, what: Callable[P, Accepting[M]], /, *args: P.args, **kwargs: P.kwargs
    ) -> BlockingRef[M]: ...
    # Any: the overloads type the arguments
    def spawn(self, what: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Start an actor at the top of the tree, see `ActorSystem.spawn`."""
        portal = self._running()

        def start() -> ActorRef[Any]:
            return cast("ActorRef[Any]", self._system.spawn(what, *args, **kwargs))

        return BlockingRef(self, portal.call(start))

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until no message is queued or being handled, see `ActorSystem.drain`."""
        return self._running().call(self._system.drain, timeout)

    def snapshot(self) -> Snapshot:
        """The tree of actors as it is now."""
        return self._running().call(self._system.snapshot)

    def _running(self) -> BlockingPortal:
        if self.portal is None:
            raise NoSystem(
                f"{self._system!r} is not running",
                why="its `with` block has not been entered, or was left",
                mend="use it inside `with blocking(ActorSystem(...)) as system:`",
            )
        return self.portal


def blocking(system: ActorSystem, *, backend: str = "asyncio") -> BlockingSystem:
    """A facade of a system that was not entered, for synchronous programs.

    `backend` is "asyncio", "uvloop" or "trio".  Raises `BadArgument`.
    """
    return BlockingSystem(system, backend)

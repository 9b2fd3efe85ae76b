"""The event loop underneath: asyncio (uvloop is one) or trio.

anyio is used wherever it costs nothing.  Three things are done by hand: suspending a task until
somebody wakes it, because every suspended ask and handler pays for it; the engine's own tasks,
because on asyncio anybody may cancel any task, which would end a task group and its host; and what
anyio has not - a callback from another thread that does not wait, and protection against Ctrl-C on
trio.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, Protocol

import anyio

from airssys_rt.errors import NoSystem
from airssys_rt.kernel.native.twins import pure_of

if TYPE_CHECKING:
    from contextvars import Context

    import trio

__all__ = [
    "AsyncioBackend",
    "Backend",
    "Sleeper",
    "TrioBackend",
    "current_backend",
    "protect",
]


# a C function without arguments; `get_running_loop` raises where this gives None
running_loop: Callable[[], object] = asyncio._get_running_loop

# Any: what a coroutine yields and is sent
Run = Callable[[], Coroutine[Any, Any, None]]


class Sleeper(Protocol):
    """Whoever sleeps: `wake` is set while it does, and wakes it."""

    wake: Callable[[], object] | None


class Backend(Protocol):
    """What the runtime needs of an event loop."""

    @property
    def now(self) -> Callable[[], float]:
        """The loop's monotonic time, in seconds."""
        ...

    @property
    def here(self) -> Callable[[], object]:
        """Gives `home` in the loop's thread only, and never in another."""
        ...

    @property
    def home(self) -> object:
        """What `here()` gives there; it may give something else there, too."""
        ...

    @property
    def timed_by(self) -> object:
        """What tells the loop the time: itself, or its clock."""
        ...

    async def sleep(self, sleeper: Sleeper) -> None:
        """Suspend this task until `sleeper.wake()` is called, or it is cancelled."""
        ...

    async def turn(self) -> None:
        """Let the loop run once."""
        ...

    @property
    def deserted(self) -> bool:
        """Whether the task that entered the system is over without having left it."""
        ...

    async def open(self, crashed: Callable[[BaseException], None]) -> None:
        """Be ready to start tasks; `crashed` is told of one that raised."""
        ...

    def start(self, run: Run, lost: Callable[[], object], context: Context | None = None) -> None:
        """Run a task; `lost` is called if it was cancelled, perhaps before its first step."""
        ...

    async def join(self) -> None:
        """Wait until all tasks are over; a cancellation waits until then."""
        ...

    def soon(self, action: Callable[[], object]) -> None:
        """Run `action` in the loop's thread; callable from every thread."""
        ...

    @property
    def cancelled(self) -> type[BaseException]:
        """The exception class of a cancellation."""
        ...


class AsyncioBackend:
    """asyncio's loop or uvloop's."""

    cancelled: type[BaseException] = asyncio.CancelledError

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.here, self.home = running_loop, self._loop
        self.timed_by: object = self._loop
        self._host = asyncio.current_task()
        self._tasks: set[asyncio.Task[None]] = set()
        self._crashed: Callable[[BaseException], None] | None = None
        self.now = self._loop.time

    async def sleep(self, sleeper: Sleeper) -> None:
        """Suspend this task until `sleeper.wake()` is called, or it is cancelled."""
        future: asyncio.Future[None] = self._loop.create_future()

        def wake() -> None:
            # not `if not future.done()`: asyncio's Ctrl-C cancels the main task, and so what it
            # awaits, between any two lines
            try:
                future.set_result(None)
            except asyncio.InvalidStateError:
                pass

        sleeper.wake = wake
        try:
            await future
        finally:
            sleeper.wake = None

    @property
    def deserted(self) -> bool:
        """Whether the task that entered the system is over."""
        return self._host is None or self._host.done()

    async def turn(self) -> None:
        """Let the loop run once."""
        await asyncio.sleep(0)

    async def open(self, crashed: Callable[[BaseException], None]) -> None:
        """Be ready to start tasks."""
        self._crashed = crashed

    def start(self, run: Run, lost: Callable[[], object], context: Context | None = None) -> None:
        """Run a task."""
        task = self._loop.create_task(run(), context=context)
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._over(task, lost))

    def _over(self, task: asyncio.Task[None], lost: Callable[[], object]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            lost()
        elif (error := task.exception()) is not None and self._crashed is not None:
            self._crashed(error)

    async def join(self) -> None:
        """Wait until all tasks are over."""
        cancelled: BaseException | None = None
        with anyio.CancelScope(shield=True):
            while self._tasks:
                try:
                    await asyncio.wait(self._tasks)
                except asyncio.CancelledError as error:
                    cancelled = error
        if cancelled is not None:
            raise cancelled

    def soon(self, action: Callable[[], object]) -> None:
        """Run `action` in the loop's thread."""
        self._loop.call_soon_threadsafe(action)


class TrioBackend:
    """trio's loop."""

    def __init__(self, module: Any) -> None:
        self._trio = module
        self._token: trio.lowlevel.TrioToken = module.lowlevel.current_trio_token()
        self._host: Any = None  # what makes and ends the nursery
        self._nursery: trio.Nursery | None = None
        self.now: Callable[[], float] = module.current_time
        self.cancelled: type[BaseException] = module.Cancelled
        self.here, self.home = running_loop, object()  # trio has no question as cheap
        self.timed_by: object = module.lowlevel.current_clock()

    async def sleep(self, sleeper: Sleeper) -> None:
        """Suspend this task until `sleeper.wake()` is called, or it is cancelled."""
        lowlevel = self._trio.lowlevel
        task = lowlevel.current_task()

        def wake() -> None:
            sleeper.wake = None
            lowlevel.reschedule(task)

        # Any: trio's own function that raises the cancellation
        def abort(_raise_cancel: Any) -> Any:
            sleeper.wake = None
            return lowlevel.Abort.SUCCEEDED

        sleeper.wake = wake
        await lowlevel.wait_task_rescheduled(abort)

    @property
    def deserted(self) -> bool:
        """Never: trio does not let a task end before those that it started."""
        return False

    async def turn(self) -> None:
        """Let the loop run once."""
        await self._trio.lowlevel.cancel_shielded_checkpoint()

    async def open(self, crashed: Callable[[BaseException], None]) -> None:
        """Be ready to start tasks; the nursery itself tells of one that raised."""
        self._host = self._trio.open_nursery()
        self._nursery = await self._host.__aenter__()

    def start(self, run: Run, lost: Callable[[], object], context: Context | None = None) -> None:
        """Run a task; on trio nobody can cancel it before its first step."""
        assert self._nursery is not None
        if context is None:
            self._nursery.start_soon(run)
        else:
            context.run(self._nursery.start_soon, run)

    async def join(self) -> None:
        """Wait until all tasks are over."""
        assert self._nursery is not None
        self._nursery.cancel_scope.shield = True
        try:
            await self._host.__aexit__(None, None, None)
        except BaseExceptionGroup as group:  # Ctrl-C came while this waited
            raise group.exceptions[0] from None

    def soon(self, action: Callable[[], object]) -> None:
        """Run `action` in the loop's thread.  Raises `NoSystem` when the loop is over."""
        try:
            self._token.run_sync_soon(action)
        except self._trio.RunFinishedError:
            raise NoSystem(
                "the event loop is over",
                why="its system ended with it",
                mend="stop the thread before the system's block is left",
            ) from None


PROTECTED: set[Callable[..., Any]] = set()


def protect(functions: Iterable[Callable[..., Any]]) -> None:
    """See that Ctrl-C is not raised inside these functions and what they call.

    On trio it would be, in whatever runs; its signal handler looks for a mark on the code.
    Nothing to do on asyncio, whose runners cancel the main task.
    """
    trio: Any = sys.modules.get("trio")
    if trio is not None:
        for way_in in functions:
            for function in {way_in, pure_of(way_in)}:  # compiled code has no such mark
                if function not in PROTECTED and hasattr(function, "__code__"):
                    PROTECTED.add(function)
                    trio.lowlevel.enable_ki_protection(function)


def current_backend() -> Backend:
    """The loop that runs this task.  Raises `NoSystem` if none does."""
    # Any: trio is an optional dependency
    trio: Any = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return TrioBackend(trio)
    try:
        return AsyncioBackend()
    except RuntimeError:
        raise NoSystem(
            "no event loop runs here",
            why="an ActorSystem lives in an asyncio or trio program",
            mend="enter it in an async function run by asyncio.run, anyio.run or trio.run; in a"
            " synchronous program use blocking(ActorSystem(...))",
        ) from None

"""The event loop underneath: asyncio (uvloop is one) or trio.

anyio is used wherever it costs nothing.  Two things are done by hand: suspending a task until
somebody wakes it, because every suspended ask and handler pays for it; and what anyio has not -
a callback from another thread that does not wait, and protection against Ctrl-C on trio.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from airssys_rt.errors import NoSystem

if TYPE_CHECKING:
    from types import FunctionType

    import trio

__all__ = ["AsyncioBackend", "Backend", "Sleeper", "TrioBackend", "current_backend"]


class Sleeper(Protocol):
    """Whoever sleeps: `wake` is set while it does, and wakes it."""

    wake: Callable[[], object] | None


class Backend(Protocol):
    """What the runtime needs of an event loop."""

    @property
    def now(self) -> Callable[[], float]:
        """The loop's monotonic time, in seconds."""
        ...

    async def sleep(self, sleeper: Sleeper) -> None:
        """Suspend this task until `sleeper.wake()` is called, or it is cancelled."""
        ...

    async def turn(self) -> None:
        """Let the loop run once."""
        ...

    def soon(self, action: Callable[[], object]) -> None:
        """Run `action` in the loop's thread; callable from every thread."""
        ...

    def protect(self, *functions: Callable[..., Any]) -> None:
        """See that Ctrl-C is not raised inside these functions and what they call."""
        ...

    @property
    def cancelled(self) -> type[BaseException]:
        """The exception class of a cancellation."""
        ...


class AsyncioBackend:
    """asyncio's loop or uvloop's.

    Its runners turn the first Ctrl-C into a cancellation of the main task, so nothing needs
    protection.
    """

    cancelled: type[BaseException] = asyncio.CancelledError

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.now = self._loop.time

    async def sleep(self, sleeper: Sleeper) -> None:
        """Suspend this task until `sleeper.wake()` is called, or it is cancelled."""
        future: asyncio.Future[None] = self._loop.create_future()

        def wake() -> None:
            if not future.done():
                future.set_result(None)

        sleeper.wake = wake
        try:
            await future
        finally:
            sleeper.wake = None

    async def turn(self) -> None:
        """Let the loop run once."""
        await asyncio.sleep(0)

    def soon(self, action: Callable[[], object]) -> None:
        """Run `action` in the loop's thread."""
        self._loop.call_soon_threadsafe(action)

    def protect(self, *functions: Callable[..., Any]) -> None:
        """Nothing to do."""


class TrioBackend:
    """trio's loop."""

    def __init__(self, module: Any) -> None:
        self._trio = module
        self._token: trio.lowlevel.TrioToken = module.lowlevel.current_trio_token()
        self.now: Callable[[], float] = module.current_time
        self.cancelled: type[BaseException] = module.Cancelled

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

    async def turn(self) -> None:
        """Let the loop run once."""
        await self._trio.lowlevel.cancel_shielded_checkpoint()

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

    def protect(self, *functions: Callable[..., Any]) -> None:
        """Mark the functions' code: trio's signal handler looks for the mark."""
        for function in functions:
            if function not in PROTECTED:
                PROTECTED.add(function)
                self._trio.lowlevel.enable_ki_protection(function)


PROTECTED: set[FunctionType | Callable[..., Any]] = set()


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

"""What the engine needs from the outside: one narrow port, filled by the runtime or a simulator.

The engine never waits: it asks the port to wake a carrier, to wait for a `Wait`, to run a job.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from airssys_rt.core.signals import DeadLetter, LifecycleEvent
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.jobs import Job
    from airssys_rt.kernel.waits import Wait

__all__ = ["Port", "Scope"]


class Scope(Protocol):
    """What a suspended handler runs under: it can be cancelled."""

    def cancel(self) -> None:
        """Cancel what runs under it."""
        ...


class Port(Protocol):
    """The world around a scheduler."""

    @property
    def now(self) -> Callable[[], float]:
        """Monotonic time, in seconds, of timers and deadlines."""
        ...

    @property
    def here(self) -> Callable[[], object]:
        """Gives `home` only in the engine's thread: a cheaper question than which thread it is."""
        ...

    @property
    def home(self) -> object:
        """What `here()` gives there; anything else answers nothing."""
        ...

    def unpark(self) -> None:
        """A cell is ready and no carrier is awake: wake one."""
        ...

    def arm(self, deadline: float) -> None:
        """The earliest deadline is now `deadline` (seconds on the `now` scale)."""
        ...

    # Any: what a coroutine yields and is sent is the event loop's matter
    @property
    def wait(self) -> Callable[[Wait], Coroutine[Any, Any, None]]:
        """Suspends the caller until the wait is done; when cancelled, leaves it as it is."""
        ...

    async def checkpoint(self) -> None:
        """Let the event loop run, and be cancelled here if the caller is."""
        ...

    def start_job(self, job: Job) -> None:
        """Run the job's coroutine in a task and call `job.finished` when it is over."""
        ...

    @property
    def fatal(self) -> Callable[[BaseException], None]:
        """A handler raised `KeyboardInterrupt` or `SystemExit`: end the system with it."""
        ...

    @property
    def soon(self) -> Callable[[Callable[[], object]], None]:
        """Run the action in the engine's thread; callable from every thread."""
        ...

    def stack(self, cell: Cell) -> str:
        """Where the cell's suspended handler is, as text."""
        ...

    def failure(self, cell: Cell, error: BaseException, doing: str) -> None:
        """Report a failure that is not otherwise visible (once)."""
        ...

    def dead_letter(self, letter: DeadLetter) -> None:
        """Report a message that nobody handles."""
        ...

    def event(self, event: LifecycleEvent) -> None:
        """Report a step of an actor's life."""
        ...

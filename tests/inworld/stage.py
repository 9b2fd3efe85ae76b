"""What the runtime asks of an event loop, from the net of a world.

The system's block, the timekeeper, the jobs and the log are the library's own and run on this; in
place of the carriers, the world itself looks at the run queue after each step.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import get_ident
from typing import TYPE_CHECKING, Any

from airssys_rt.kernel.waits import Wait
from airssys_rt.testing.task import Cancelled, give, until
from tests.inworld.strands import Scope, Strand, StrandTask, within

if TYPE_CHECKING:
    from contextvars import Context

    from airssys_rt.kernel.scheduler import Scheduler
    from airssys_rt.runtime.backend import Run, Sleeper
    from tests.inworld.host import HostNet

__all__ = ["HostBackend", "NoCarriers"]

# Any throughout: what coroutines return


class HostBackend:
    """What the runtime needs of an event loop, from the net."""

    cancelled: type[BaseException] = Cancelled
    deserted = False

    def __init__(self, net: HostNet) -> None:
        self.net = net
        self.now = lambda: net.now
        self.here: Callable[[], object] = get_ident
        self.home: object = get_ident  # never given: the thread is compared
        self.timed_by: object = net
        self.tasks: set[StrandTask] = set()
        self.crashed: Callable[[BaseException], None] | None = None
        self.idle: Wait | None = None

    async def sleep(self, sleeper: Sleeper) -> None:
        """Suspend until woken."""
        if isinstance(sleeper, Wait):
            await until(sleeper)
            return
        raise AssertionError("only carriers sleep otherwise")

    async def turn(self) -> None:
        """Let others go on."""
        await give(None)

    async def open(self, crashed: Callable[[BaseException], None]) -> None:
        """Be ready to start tasks."""
        self.crashed = crashed

    def start(self, run: Run, lost: Callable[[], object], context: Context | None = None) -> None:
        """Run a task of the engine's."""
        net = self.net

        def done(result: Any, error: BaseException | None) -> None:
            self.tasks.discard(task)
            if isinstance(error, Cancelled):
                lost()
            elif error is not None and self.crashed is not None:
                self.crashed(error)
            if not self.tasks and self.idle is not None:
                self.idle.settle(None)

        post = net.active
        above = getattr(post, "tag", "task")
        number = net.children[above] = net.children.get(above, 0) + 1
        tag = f"{above}|{number}"
        task = StrandTask(net, run(), done, tag=tag, strand=Strand())
        self.tasks.add(task)
        task.wake()

    async def join(self) -> None:
        """Wait until all tasks are over."""
        cancelled: BaseException | None = None
        with Scope(shield=True):
            while self.tasks:
                self.idle = Wait(None, None)
                try:
                    await within(self.idle)
                except Cancelled as error:
                    cancelled = error
        self.net.world.check_left()
        if cancelled is not None:
            raise cancelled

    def soon(self, action: Callable[[], object]) -> None:
        """There are no other threads; not within the caller's step all the same."""
        self.net.alarm(self.net.now, action)


class NoCarriers:
    """In place of the carriers: the world looks at the run queue after each step."""

    def __init__(self, scheduler: Scheduler, backend: object) -> None:
        self.idle = 0
        self.closed = False

    def unpark(self, **_options: Any) -> None:
        """Nothing to wake."""

    def close(self) -> None:
        """Nothing to end."""
        self.closed = True

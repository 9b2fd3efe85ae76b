"""The engine's port, filled with a net instead of an event loop."""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING, Any

from airssys_rt.core.signals import DeadLetter
from airssys_rt.errors import ForeignAwait
from airssys_rt.kernel.ref import cell_of
from airssys_rt.testing.post import Post
from airssys_rt.testing.task import Task, until

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from airssys_rt.core.signals import LifecycleEvent
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.jobs import Job
    from airssys_rt.kernel.scheduler import Scheduler
    from airssys_rt.kernel.waits import Wait
    from airssys_rt.naming.topic import Topic
    from airssys_rt.testing.net import Net

__all__ = ["Failure", "WorldPort"]

LOOPLESS = frozenset({"NoEventLoopError", "AsyncLibraryNotFoundError"})


class Failure:
    """An actor that failed: which, by what, and at what."""

    __slots__ = ("cell", "doing", "error", "tag")

    def __init__(self, cell: Cell, tag: str, error: BaseException, doing: str) -> None:
        self.cell = cell
        self.tag = tag
        self.error = error
        self.doing = doing


class WorldPort:
    """What the engine needs of the world around it."""

    scheduler: Scheduler
    dead_letters: Topic[DeadLetter]
    events: Topic[LifecycleEvent]

    def __init__(self, net: Net) -> None:
        self.net = net
        self.now: Callable[[], float] = lambda: net.now
        self.here: Callable[[], object] = get_ident
        self.home: object = get_ident  # never given: the thread is compared
        self.letters: list[DeadLetter] = []
        self.failures: list[Failure] = []
        self.wait: Callable[[Wait], Coroutine[Any, Any, None]] = until
        self.ended: BaseException | None = None  # by whom the program was ended

    def unpark(self) -> None:
        """The world looks at the run queue after each step."""

    def arm(self, deadline: float) -> None:
        """The world looks at the deadlines when it is idle."""

    async def checkpoint(self) -> None:
        """Nothing: no event loop has to have its turn."""

    def start_job(self, job: Job) -> None:
        """Have the world step a job's coroutine."""
        net = self.net

        # Any: what the coroutine returns
        def done(result: Any, error: BaseException | None) -> None:
            job.finished(result, error)

        post = net.active
        tag = f"{post.tag}|{post.number('job')}" if isinstance(post, Post) else "job"
        task = Task(net, job.coro, done, tag=tag, context=self.scheduler.context.copy())
        job.scope = task
        task.wake()

    def fatal(self, error: BaseException) -> None:
        """A handler ended the program."""
        self.ended = error

    def soon(self, action: Callable[[], object]) -> None:
        """There are no other threads: at once."""
        action()

    def stack(self, cell: Cell) -> str:
        """Where the cell's suspended handler is."""
        return f"  ({cell.path} in a world)"

    def failure(self, cell: Cell, error: BaseException, doing: str) -> None:
        """Note a failure; one for want of an event loop is the world's own, with a name."""
        post = self.net.posts.get(cell)
        tag = post.tag if post is not None else cell.path
        self.failures.append(Failure(cell, tag, named(tag, error), doing))

    def dead_letter(self, letter: DeadLetter) -> None:
        """Note and publish a dead letter."""
        self.letters.append(letter)
        post = self.net.posts.get(cell_of(letter.ref))
        if post is not None:
            post.gone.append(letter)
        self.scheduler.buried += 1
        if not isinstance(letter.message, DeadLetter):
            self.dead_letters.spread(letter)

    def event(self, event: LifecycleEvent) -> None:
        """Publish a step of an actor's life."""
        if self.net.supervised is not None:
            self.net.supervised.event(event)
        self.events.spread(event)


def named(tag: str, error: BaseException) -> BaseException:
    """The error, or a `ForeignAwait` if it is that no event loop runs."""
    loopless = isinstance(error, RuntimeError) and str(error) == "no running event loop"
    if (
        loopless
        or type(error).__name__ in LOOPLESS
        or "must be called from async context" in str(error)
    ):
        found = ForeignAwait(
            f"{tag} uses an event loop, and a world has none",
            why=f"{type(error).__name__}: {error}".splitlines()[0],
            mend="await what this library gives, or world.sleep(); keep the foreign part behind"
            " an actor that the scenario replaces",
        )
        found.__cause__ = error
        return found
    return error

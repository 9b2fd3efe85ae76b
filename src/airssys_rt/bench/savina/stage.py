"""Stages: what the programs run on, so that one and the same runs on the library and beside it.

`Ours` is the library.  `Raw` is what one writes without it: every actor a task that takes messages
from an `asyncio.Queue` and looks up their handlers.  Law: a program uses nothing but `spawn`,
`tell` and sync handlers, and its actors call no verbs of the engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Generic, ParamSpec, Protocol, Self, TypeVar

import anyio

from airssys_rt import Actor, ActorRef, ActorSystem
from airssys_rt.bench.measure import Span, Stopwatch

__all__ = ["Latch", "Ours", "Raw", "Stage", "on_stage", "timed"]

M = TypeVar("M")
M_contra = TypeVar("M_contra", contravariant=True)
P = ParamSpec("P")
T = TypeVar("T")


class Stage(Protocol):
    """Where a program's actors live."""

    def spawn(
        self, what: Callable[P, Actor[M]], /, *args: P.args, **kwargs: P.kwargs
    ) -> ActorRef[M]:
        """Start an actor."""
        ...


class Latch(Generic[T]):
    """Opens when an actor gives it the result."""

    def __init__(self) -> None:
        self._event = anyio.Event()
        self._results: list[T] = []

    def give(self, result: T) -> None:
        """Open it."""
        self._results.append(result)
        self._event.set()

    async def wait(self) -> T:
        """The result, once it is there."""
        await self._event.wait()
        return self._results[0]


class Ours:
    """The library."""

    def __init__(self) -> None:
        self._system = ActorSystem("savina")

    async def __aenter__(self) -> Self:
        await self._system.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._system.__aexit__(exc_type, exc, traceback)

    def spawn(
        self, what: Callable[P, Actor[M]], /, *args: P.args, **kwargs: P.kwargs
    ) -> ActorRef[M]:
        """Start an actor."""
        return self._system.spawn(what, *args, **kwargs)


class QueueRef(ActorRef[M_contra]):
    """The ref of a queue; all that a program does with it is `tell`."""

    __slots__ = ("_put",)

    def __init__(self, put: Callable[[M_contra], None]) -> None:
        self._put = put

    def tell(self, msg: M_contra, /) -> None:
        """Queue the message."""
        self._put(msg)


class Raw:
    """A queue and a task for each actor."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def spawn(
        self, what: Callable[P, Actor[M]], /, *args: P.args, **kwargs: P.kwargs
    ) -> ActorRef[M]:
        """Start a task with a queue."""
        actor = what(*args, **kwargs)
        table = {key: entry.function for key, entry in actor.initial.table.items()}
        box: asyncio.Queue[M] = asyncio.Queue()

        async def work() -> None:
            while True:
                msg = await box.get()
                table[type(msg)](actor, msg)

        self._tasks.append(asyncio.create_task(work()))
        return QueueRef(box.put_nowait)


def on_stage(
    make: Callable[[], Ours | Raw],
    program: Callable[[Stage, int], Awaitable[Span]],
) -> Callable[[int], Awaitable[tuple[Span, ...]]]:
    """A program on a stage, as a coroutine function that can be measured."""

    async def run(n: int) -> tuple[Span, ...]:
        async with make() as stage:
            return (await program(stage, n),)

    return run


async def timed(begin: Callable[[], object], latch: Latch[T], count: int) -> tuple[Span, T]:
    """From the first message until the latch opens: the time, and the result."""
    watch = Stopwatch()
    begin()
    result = await latch.wait()
    return watch.lap(count), result

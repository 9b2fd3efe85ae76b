"""One run of the demo on an event loop, with its Ctrl-C.

A signal does not cancel anything here: it is a message, which makes the crew answer with what it
has.  Laws: the receiver of signals is there before the first actor and after the last one; when
this returns no actor is left.
"""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from typing import Any, Literal, TypeAlias

import anyio
import msgspec

from airssys_rt import ActorError, ActorRef, ActorStopped, ActorSystem, Snapshot, props
from airssys_rt.cli.demo.crew import Crew, CrewMsg, Plan
from airssys_rt.cli.demo.log import quiet
from airssys_rt.cli.demo.protocol import (
    Counts,
    CrashCounts,
    CutShort,
    Progress,
    Summarise,
    Summary,
    Tally,
)

__all__ = ["Backend", "Result", "run"]

Backend: TypeAlias = Literal["asyncio", "trio", "uvloop"]
Show: TypeAlias = Callable[[Progress], object]

EVERY = 0.1  # seconds


class Result(msgspec.Struct, frozen=True):
    """What came of it; `signal` is the number of the signal that cut it short."""

    summary: Summary
    progress: Progress
    crashes: CrashCounts
    snapshot: Snapshot
    signal: int | None


def run(plan: Plan, backend: Backend = "asyncio", show: Show | None = None) -> Result:
    """Index a tree; `show` is called from time to time.  Raises `ActorStopped` on a failure."""
    # Any: each backend has options of its own
    options: dict[str, Any] = {} if backend == "trio" else {"use_uvloop": backend == "uvloop"}
    name = "trio" if backend == "trio" else "asyncio"
    with quiet():
        return anyio.run(_run, plan, show, backend=name, backend_options=options)


async def _run(plan: Plan, show: Show | None) -> Result:
    received: list[int] = []
    failure: ActorStopped | None = None
    result: Result | None = None
    with _signals() as signals:
        async with ActorSystem("demo", shutdown=2.0) as system, anyio.create_task_group() as tasks:
            crew: ActorRef[CrewMsg] = system.spawn(props(Crew, plan).named("crew"))
            if signals is not None:
                tasks.start_soon(_cut_short, signals, crew, received)
            if show is not None:
                tasks.start_soon(_show, crew, show)
            try:
                summary = await crew.ask(Summarise(), timeout=None)
                progress = await crew.ask(Counts(), timeout=None)
                crashes = await crew.ask(Tally(), timeout=None)
            except ActorStopped as error:
                failure = error
            else:
                cut = received[0] if received else None
                result = Result(summary, progress, crashes, system.snapshot(), cut)
            crew.stop()  # or the system would wait for what is not done
            tasks.cancel_scope.cancel()
    if result is None:
        assert failure is not None
        raise failure
    return result


async def _cut_short(
    signals: AsyncIterator[signal.Signals], crew: ActorRef[CutShort], received: list[int]
) -> None:
    async for number in signals:
        received.append(number)
        crew.tell(CutShort())


async def _show(crew: ActorRef[Counts], show: Show) -> None:
    while True:
        try:
            show(await crew.ask(Counts()))
        except ActorError:  # it ends; whoever waits for the summary is told why
            return
        await anyio.sleep(EVERY)


@contextmanager
def _signals() -> Generator[AsyncIterator[signal.Signals] | None, None, None]:
    """Ctrl-C and SIGTERM, or None where the event loop cannot have them."""
    try:
        receiver = anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM)
        signals = receiver.__enter__()
    except NotImplementedError:  # asyncio on Windows
        yield None
        return
    try:
        yield signals
    finally:
        receiver.__exit__(None, None, None)

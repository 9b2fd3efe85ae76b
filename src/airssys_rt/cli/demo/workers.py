"""Where parsing happens: in worker processes or in threads, behind one port.

Laws: a call that is cancelled leaves no process and no thread behind; a worker that dies is a
`BrokenWorkerProcess` of the call that it served, and of no other.
"""

from __future__ import annotations

import signal
from functools import partial
from typing import Literal, Protocol, TypeAlias

import anyio
import anyio.to_process
import anyio.to_thread

from airssys_rt.cli.demo.parse import Outcome, Parse, prepare_process

__all__ = ["Processes", "Threads", "WorkerKind", "Workers", "make_workers"]

LINGER = 0.1  # seconds

WorkerKind: TypeAlias = Literal["processes", "threads"]


class Workers(Protocol):
    """Something that indexes files beside the event loop."""

    async def parse(self, path: str) -> Outcome:
        """What is known of a file.  Raises if the worker did not survive."""
        ...


class Processes:
    """anyio's worker processes, as many at once as there are parsers."""

    def __init__(self, parse: Parse, root: str, count: int) -> None:
        self._task = partial(parse, root)
        self._limiter = anyio.CapacityLimiter(count)

    async def parse(self, path: str) -> Outcome:
        """Index a file in a process, which is killed when this is cancelled."""
        await self._ensure_process()
        return await anyio.to_process.run_sync(
            self._task, path, cancellable=True, limiter=self._limiter
        )

    async def _ensure_process(self) -> None:
        # cancelled while it starts a process, anyio forgets it; so that is not cancelled
        with anyio.CancelScope(shield=True), _HELD_BACK:
            try:
                await anyio.to_process.run_sync(prepare_process, limiter=self._limiter)
            # KeyboardInterrupt: the worker's own, where Ctrl-C could not be held back from it
            except (anyio.BrokenWorkerProcess, KeyboardInterrupt) as error:
                # anyio does not await the end of a process that did not start: here it ends
                await anyio.sleep(LINGER)
                raise anyio.BrokenWorkerProcess from error


class _HoldBack:
    """Holds Ctrl-C back from this thread and from the processes that it starts meanwhile.

    A process begins with the signal mask of the thread that starts it, so that a Ctrl-C does not
    kill it before it can ignore it; this thread gets its own when the process is there.
    """

    def __init__(self) -> None:
        self._users = 0
        self._before: set[int] = set()

    def __enter__(self) -> None:
        self._users += 1
        if self._users == 1 and hasattr(signal, "pthread_sigmask"):
            self._before = set(signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}))

    def __exit__(self, *_: object) -> None:
        self._users -= 1
        if self._users == 0 and hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_SETMASK, self._before)


_HELD_BACK = _HoldBack()


class Threads:
    """anyio's worker threads."""

    def __init__(self, parse: Parse, root: str, count: int) -> None:
        self._task = partial(parse, root)
        self._limiter = anyio.CapacityLimiter(count)

    async def parse(self, path: str) -> Outcome:
        """Index a file in a thread; when this is cancelled, the thread ends the file first."""
        return await anyio.to_thread.run_sync(self._task, path, limiter=self._limiter)


def make_workers(kind: WorkerKind, parse: Parse, root: str, count: int) -> Workers:
    """The port, filled as the user wants it."""
    make = Processes if kind == "processes" else Threads
    return make(parse, root, count)

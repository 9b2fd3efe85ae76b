"""A parser: pulls files from the walker, has a worker parse them, tells the index.

Laws: it has one thing under way at a time, so what it sends is bounded by what it was given; the
files of a worker that did not survive are tried again one by one, so that only the guilty one is
reported.
"""

from __future__ import annotations

from collections import deque
from typing import TypeAlias

import anyio

from airssys_rt import Actor, ActorRef, Job, on
from airssys_rt.cli.demo.parse import Failure
from airssys_rt.cli.demo.protocol import Batch, Broke, Done, Halt, Indexed, Next
from airssys_rt.cli.demo.workers import Workers

__all__ = ["Parser"]

ParserMsg: TypeAlias = Batch | Done | Broke | Halt


class Parser(Actor[ParserMsg]):
    """Parses what `walker` gives it, with `workers`, for `index`."""

    def __init__(self, workers: Workers, walker: ActorRef[Next], index: ActorRef[Indexed]) -> None:
        self._workers = workers
        self._walker = walker
        self._index = index
        self._singly: deque[str] = deque()  # files that wait for their second try
        self._job: Job | None = None

    def pre_start(self) -> None:
        """Begin."""
        self._go_on()

    @on(Batch)
    def parse(self, msg: Batch) -> None:
        """Have files parsed; when there are none, the work is over."""
        paths = msg.paths
        if paths:
            self._job = self.pipe(
                self._workers.parse(paths), Done, lambda error: Broke(paths, describe(error))
            )

    @on(Done)
    async def done(self, msg: Done) -> None:
        """Hand the outcomes on."""
        await self._index.send(Indexed(msg.outcomes))
        self._go_on()

    @on(Broke)
    async def broke(self, msg: Broke) -> None:
        """Try again with each file alone, or report the one that was alone."""
        if len(msg.paths) == 1:
            failure = Failure(msg.paths[0], "worker", msg.reason)
            await self._index.send(Indexed((failure,)))
        else:
            self._singly.extend(msg.paths)
        self._go_on()

    @on(Halt)
    def halt(self, msg: Halt) -> None:
        """Give up what is under way."""
        if self._job is not None:
            self._job.cancel()

    initial = parse | done | broke | halt

    def _go_on(self) -> None:
        if self._singly:
            self.next(Batch((self._singly.popleft(),)))
            return
        # a walker that is over gives no more; whether it failed is for the crew to see
        self._job = self.pipe(self._walker.ask(Next(), timeout=None), Batch, lambda _: Batch(()))


def describe(error: Exception) -> str:
    """Why a worker did not answer."""
    if isinstance(error, anyio.BrokenWorkerProcess) and not str(error):
        return "the worker process died of it"
    return f"{type(error).__name__}: {error}"

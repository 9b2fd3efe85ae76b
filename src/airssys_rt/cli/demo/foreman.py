"""The foreman: gives each parser one file at a time, and knows what becomes of it.

The work is kept here, not in the parsers, so a parser may crash: its supervisor restarts it, and
the ref stays good.  What a crash means is decided here, where the work is: a file that does not
parse is reported, one that was hit by an injected crash is tried again, and so is, once, one whose
worker did not survive.

Laws: each file has one outcome, which is told after its parser is back; a parser has one request at
a time, so what is under way is bounded by what was given out.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TypeAlias

import anyio

from airssys_rt import (
    Actor,
    ActorRef,
    ActorStopped,
    DynamicSupervisor,
    HandlerFailed,
    StartChild,
    SupervisorMsg,
    on,
    props,
)
from airssys_rt.cli.demo.faults import Faults, Injected
from airssys_rt.cli.demo.parse import Failure
from airssys_rt.cli.demo.parser import DoesNotParse, Parser
from airssys_rt.cli.demo.protocol import (
    Batch,
    CrashCounts,
    Crashed,
    CrashKind,
    Done,
    Indexed,
    Lost,
    Next,
    Parse,
    Tally,
)
from airssys_rt.cli.demo.workers import Workers

__all__ = ["Foreman", "Parsers", "verdict"]

PATIENCE = 10.0  # seconds: a parser that is not back by then is not restarted, it fails to start

ForemanMsg: TypeAlias = Batch | Done | Crashed | Lost | Tally


class Parsers(DynamicSupervisor):
    """Restarts parsers, each for itself.

    In a tree of bad files a parser crashes on every request, and that is no reason to give up; so
    the intensity is more than requests can cause.
    """

    intensity = 20_000
    period = 1.0


@dataclass
class Lane:
    """A parser, and the files that it is to parse, the one under way first."""

    parser: ActorRef[Parse]
    files: deque[str] = field(default_factory=deque[str])
    attempt: int = 1
    broken: bool = False  # a worker did not survive the first of the files


class Foreman(Actor[ForemanMsg]):
    """Has `count` parsers parse what `walker` gives out, and tells `index`."""

    def __init__(
        self,
        count: int,
        workers: Workers,
        faults: Faults,
        supervisor: ActorRef[SupervisorMsg],
        walker: ActorRef[Next],
        index: ActorRef[Indexed],
    ) -> None:
        # a parser has nothing to put in order when it is stopped
        self._props = props(Parser, workers, faults).shutdown("brutal_kill")
        self._count = count
        self._supervisor = supervisor
        self._walker = walker
        self._index = index
        self._lanes: list[Lane] = []
        self._crashes: Counter[CrashKind] = Counter()

    async def pre_start(self) -> None:
        """Start the parsers, and begin."""
        for number in range(1, self._count + 1):
            child = self._props.named(f"parser-{number}")
            self._lanes.append(Lane(await self._supervisor.ask(StartChild(child))))
        for number in range(self._count):
            self._go_on(number)

    @on(Batch)
    def take(self, msg: Batch) -> None:
        """Have files parsed; when there are none, the work is over."""
        if msg.paths:
            self._lanes[msg.lane].files.extend(msg.paths)
            self._go_on(msg.lane)

    @on(Done)
    async def done(self, msg: Done) -> None:
        """Hand the outcome on."""
        await self._index.send(Indexed(msg.outcome))
        self._next_file(msg.lane)

    @on(Crashed)
    async def crashed(self, msg: Crashed) -> None:
        """Try again, or report the file."""
        self._crashes[msg.kind] += 1
        lane = self._lanes[msg.lane]
        try:
            with anyio.fail_after(PATIENCE):
                await lane.parser.started()
        except ActorStopped:  # its supervisor gave up, which is for the crew to see
            return
        again = msg.kind == "injected" or (msg.kind == "worker" and not lane.broken)
        if again:
            lane.broken = lane.broken or msg.kind == "worker"
            lane.attempt += 1
            self._go_on(msg.lane)
        else:
            await self._index.send(Indexed(msg.failure))
            self._next_file(msg.lane)

    @on(Lost)
    def lost(self, msg: Lost) -> None:
        """Somebody is over; whether he failed is for the crew to see."""

    @on(Tally)
    def tally(self, msg: Tally) -> CrashCounts:
        """How often parsers crashed."""
        crashes = self._crashes
        return CrashCounts(crashes["unparsable"], crashes["injected"], crashes["worker"])

    initial = take | done | crashed | lost | tally

    def _next_file(self, number: int) -> None:
        lane = self._lanes[number]
        lane.files.popleft()
        lane.attempt, lane.broken = 1, False
        self._go_on(number)

    def _go_on(self, number: int) -> None:
        lane = self._lanes[number]
        if not lane.files:
            self.pipe(
                self._walker.ask(Next(), timeout=None),
                lambda paths: Batch(number, paths),
                lambda _: Lost(),
            )
            return
        path = lane.files[0]
        self.pipe(
            lane.parser.ask(Parse(path, lane.attempt), timeout=None),
            lambda parsed: Done(number, parsed),
            lambda error: verdict(number, path, error),
        )


def verdict(lane: int, path: str, error: Exception) -> Crashed | Lost:
    """What an error of an ask says of the parser, and of the file."""
    if not isinstance(error, HandlerFailed):
        return Lost()
    cause = error.__cause__
    if isinstance(cause, DoesNotParse):
        return Crashed(lane, "unparsable", cause.failure)
    kind: CrashKind = "injected" if isinstance(cause, Injected) else "worker"
    return Crashed(lane, kind, Failure(path, "worker", describe(cause or error)))


def describe(error: BaseException) -> str:
    """Why a worker did not answer."""
    if isinstance(error, anyio.BrokenWorkerProcess) and not str(error):
        return "the worker process died of it"
    return f"{type(error).__name__}: {error}"

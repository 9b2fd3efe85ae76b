"""The crew: the actor that starts the others, and through which they are reached.

Parsers crash as they like, which is their supervisor's business.  Law: if one of the others fails,
or the supervisor gives up, the result cannot be whole, so all stop and whoever waits is told.
"""

from __future__ import annotations

import dataclasses
from typing import TypeAlias

from airssys_rt import Actor, AnyRef, Bounded, Down, Failed, Later, on, props
from airssys_rt.cli.demo.faults import NO_FAULTS, Faults
from airssys_rt.cli.demo.foreman import Foreman, Parsers
from airssys_rt.cli.demo.index import Index
from airssys_rt.cli.demo.parse import Parse, parse_file
from airssys_rt.cli.demo.protocol import (
    Counts,
    CrashCounts,
    CutShort,
    Progress,
    Summarise,
    Summary,
    Tally,
)
from airssys_rt.cli.demo.walker import Walker
from airssys_rt.cli.demo.workers import WorkerKind, make_workers

__all__ = ["Crew", "CrewMsg", "Plan"]

CrewMsg: TypeAlias = Summarise | Counts | Tally | CutShort


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to index, and how; `parse` must be importable by a worker process."""

    root: str
    parsers: int
    workers: WorkerKind = "processes"
    limit: int | None = None
    parse: Parse = parse_file
    faults: Faults = NO_FAULTS


class Crew(Actor[CrewMsg | Down]):
    """Carries out a plan; ask it to `Summarise`."""

    def __init__(self, plan: Plan) -> None:
        workers = make_workers(plan.workers, plan.parse, plan.root, plan.parsers)
        room = Bounded(8)  # the walker, the foreman and those who ask
        self._index = self.spawn(props(Index).named("index").mailbox(room))
        walker = self.spawn(props(Walker, plan.root, plan.limit, self._index).named("walker"))
        parsers = self.spawn(props(Parsers).named("parsers"))
        foreman = props(Foreman, plan.parsers, workers, plan.faults, parsers, walker, self._index)
        self._foreman = self.spawn(foreman.named("foreman"))
        everybody: list[AnyRef] = [self._index, walker, parsers, self._foreman]
        for ref in everybody:
            self.monitor(ref)

    @on(Summarise)
    def summarise(self, msg: Summarise) -> Summary | Later:
        """The index knows."""
        return self.forward(self._index, msg)

    @on(Counts)
    def counts(self, msg: Counts) -> Progress | Later:
        """The index knows."""
        return self.forward(self._index, msg)

    @on(Tally)
    def tally(self, msg: Tally) -> CrashCounts | Later:
        """The foreman knows."""
        return self.forward(self._foreman, msg)

    @on(CutShort)
    def cut_short(self, msg: CutShort) -> None:
        """Have the index answer."""
        self._index.tell(msg)

    @on(Down)
    def down(self, msg: Down) -> None:
        """One of them is over before its time."""
        if isinstance(msg.reason, Failed):
            self.stop()

    initial = summarise | counts | tally | cut_short | down

"""The crew: the actor that starts the others, and through which they are reached.

Law: if one of them fails the result cannot be whole, so all of them stop and whoever waits is told.
"""

from __future__ import annotations

import dataclasses
from typing import TypeAlias

from airssys_rt import Actor, ActorRef, AnyRef, Bounded, Down, Failed, Later, on, props
from airssys_rt.cli.demo.index import Index
from airssys_rt.cli.demo.parse import Parse, parse_file
from airssys_rt.cli.demo.parser import Parser
from airssys_rt.cli.demo.protocol import Counts, CutShort, Halt, Progress, Summarise, Summary
from airssys_rt.cli.demo.walker import Walker
from airssys_rt.cli.demo.workers import WorkerKind, make_workers

__all__ = ["Crew", "CrewMsg", "Plan"]

CrewMsg: TypeAlias = Summarise | Counts | CutShort


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to index, and how; `parse` must be importable by a worker process."""

    root: str
    parsers: int
    workers: WorkerKind = "processes"
    limit: int | None = None
    parse: Parse = parse_file


class Crew(Actor[CrewMsg | Down]):
    """Carries out a plan; ask it to `Summarise`."""

    def __init__(self, plan: Plan) -> None:
        workers = make_workers(plan.workers, plan.parse, plan.root, plan.parsers)
        # room for what one parser, the walker and those who ask can have under way at once
        room = Bounded(2 * plan.parsers + 8)
        self._index = self.spawn(props(Index).named("index").mailbox(room))
        walker = self.spawn(props(Walker, plan.root, plan.limit, self._index).named("walker"))
        parsers = [
            self.spawn(props(Parser, workers, walker, self._index).named(f"parser-{number}"))
            for number in range(1, plan.parsers + 1)
        ]
        self._hands: list[ActorRef[Halt]] = [walker, *parsers]
        everybody: list[AnyRef] = [self._index, *self._hands]
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

    @on(CutShort)
    def cut_short(self, msg: CutShort) -> None:
        """Have the index answer, and all work end."""
        self._index.tell(msg)
        for hand in self._hands:
            hand.tell(Halt())

    @on(Down)
    def down(self, msg: Down) -> None:
        """One of them is over before its time."""
        if isinstance(msg.reason, Failed):
            self.stop()

    initial = summarise | counts | cut_short | down

"""The index: collects until every file that was found has its outcome, then answers.

    collecting (a question for the summary is put aside) ----> answering

Law: the summary of a complete walk holds each file once; what comes after it was cut short is not
counted.
"""

from __future__ import annotations

from collections import Counter
from typing import TypeAlias

from airssys_rt import Actor, Later, on, on_enter
from airssys_rt.cli.demo.parse import Failure, Parsed
from airssys_rt.cli.demo.protocol import (
    Counts,
    CutShort,
    Found,
    Indexed,
    Progress,
    Summarise,
    Summary,
)

__all__ = ["Index", "IndexMsg"]

IndexMsg: TypeAlias = Found | Indexed | Counts | Summarise | CutShort


class Index(Actor[IndexMsg]):
    """Adds up outcomes."""

    def __init__(self) -> None:
        self._found = 0
        self._done = 0
        self._walk_over = False
        self._indexed = 0
        self._lines = 0
        self._size = 0
        self._imports: Counter[str] = Counter()
        self._failures: list[Failure] = []

    @on(Found)
    def count(self, msg: Found) -> None:
        """There are more files to wait for."""
        self._found += msg.files
        self._failures.extend(msg.failures)
        self._walk_over = msg.last
        self._look()

    @on(Indexed)
    def add(self, msg: Indexed) -> None:
        """One of them is done."""
        outcome = msg.outcome
        if isinstance(outcome, Parsed):
            self._indexed += 1
            self._lines += outcome.lines
            self._size += outcome.size
            self._imports.update(outcome.imports)
        else:
            self._failures.append(outcome)
        self._done += 1
        self._look()

    @on(Counts)
    def counts(self, msg: Counts) -> Progress:
        """How far it is."""
        return Progress(self._found, self._done, self._walk_over)

    @on(Summarise)
    def wait(self, msg: Summarise) -> Summary | Later:
        """Not yet."""
        return self.stash()

    @on(CutShort)
    def cut_short(self, msg: CutShort) -> None:
        """Wait for no more."""
        self.become(self.answering)

    initial = count | add | counts | wait | cut_short

    @on(Found)
    def ignore_count(self, msg: Found) -> None:
        """It was cut short."""

    @on(Indexed)
    def ignore_outcome(self, msg: Indexed) -> None:
        """It was cut short."""

    @on(Summarise)
    def summarise(self, msg: Summarise) -> Summary:
        """The result."""
        return Summary(
            found=self._found,
            indexed=self._indexed,
            lines=self._lines,
            size=self._size,
            imports=dict(sorted(self._imports.items())),
            failures=tuple(sorted(self._failures)),
        )

    @on(CutShort)
    def already_over(self, msg: CutShort) -> None:
        """It answers already."""

    answering = initial.replace(ignore_count, ignore_outcome, summarise, already_over)
    flow = (initial.to(answering),)

    @on_enter(answering)
    def answer_those_who_waited(self) -> None:
        """Bring back the questions that came too early."""
        self.unstash_all()

    def _look(self) -> None:
        if self._walk_over and self._done == self._found:
            self.become(self.answering)

"""A run of the benchmarks: which cases, on which event loops, and what is said of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from airssys_rt.bench.backends import BACKENDS
from airssys_rt.bench.cases import CASES, GROUPS
from airssys_rt.bench.compare import TOLERANCE, Change, changes, changes_table, load, ratios
from airssys_rt.bench.peer import Peers
from airssys_rt.bench.racing import Session
from airssys_rt.bench.report import LEGEND, as_json, facts, table
from airssys_rt.bench.results import Result
from airssys_rt.errors import BadArgument

__all__ = ["PYTHON", "VERSION", "Outcome", "Plan", "check_names", "listing", "run"]

VERSION = 1  # of the JSON document
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
Say = Callable[[str], object]


@dataclass(frozen=True)
class Plan:
    """What is wanted of a run."""

    cases: Sequence[str] = ()  # all that are not slow, if empty
    backends: Sequence[str] = ("asyncio",)
    rounds: int = 15
    libraries: bool = True  # race against other actor libraries, where they are installed
    quick: bool = False  # small n: does it run?
    compare: Path | None = None
    tolerance: float = TOLERANCE

    @property
    def names(self) -> list[str]:
        """The cases in the table's order."""
        return [
            name for name, case in CASES.items() if name in self.cases or self.default(case.slow)
        ]

    def default(self, slow: bool) -> bool:
        """Whether a case is measured without being named."""
        return not self.cases and not slow


@dataclass
class Outcome:
    """What came of a run."""

    about: dict[str, str]
    judged: bool
    results: dict[tuple[str, str], list[Result]] = field(
        default_factory=dict[tuple[str, str], list[Result]]
    )
    notes: list[str] = field(default_factory=list[str])
    changes: list[Change] = field(default_factory=list[Change])

    @property
    def rows(self) -> list[Result]:
        """All rows."""
        return [row for rows in self.results.values() for row in rows]

    @property
    def slower(self) -> list[Change]:
        """The rows that have become slower."""
        return [change for change in self.changes if change.slower]

    def rows_of(self, group: str, backend: str) -> list[Result]:
        """The rows of one table."""
        names = GROUPS[group]
        return [
            row
            for (case, loop), rows in self.results.items()
            if case in names and loop == backend
            for row in rows
        ]

    def tables(self, backend: str) -> dict[str, str]:
        """The tables of an event loop, by their group."""
        found = {group: self.rows_of(group, backend) for group in GROUPS}
        return {group: table(rows, judged=self.judged) for group, rows in found.items() if rows}

    def as_json(self) -> str:
        """The whole run as a JSON document."""
        document = {
            "version": VERSION,
            "about": self.about,
            "results": [as_json(row, judged=self.judged) for row in self.rows],
            "notes": self.notes,
            "changes": [
                {
                    "case": change.case,
                    "backend": change.backend,
                    "rival": change.rival,
                    "before": change.before,
                    "now": change.now,
                    "growth": change.growth,
                    "allowed": change.allowed,
                    "slower": change.slower,
                }
                for change in self.changes
            ],
        }
        return json.dumps(document, indent=1)

    def as_markdown(self) -> str:
        """The whole run as text."""
        parts = [
            "# Benchmarks",
            "\n".join(f"- {name}: {value}" for name, value in self.about.items()),
        ]
        parts.append(LEGEND)
        for backend in dict.fromkeys(loop for _, loop in self.results):
            parts.append(f"## On {backend}")
            parts += [f"### {group}\n\n{text}" for group, text in self.tables(backend).items()]
        if self.notes:
            parts.append("\n".join(f"- {note}" for note in self.notes))
        if self.changes:
            parts += ["## Compared", changes_table(self.changes)]
        return "\n\n".join(parts)


def listing() -> str:
    """The cases, a line each."""
    width = max(map(len, CASES))
    lines: list[str] = []
    for group, cases in GROUPS.items():
        lines.append(f"{group}:")
        for name, case in cases.items():
            slow = "  (only when named)" if case.slow else ""
            lines.append(f"  {name:{width}}  {case.about}{slow}")
    return "\n".join(lines)


def check_names(plan: Plan) -> None:
    """Raise `BadArgument` for what is not there."""
    for kind, wanted, known in (
        ("case", plan.cases, CASES),
        ("event loop", plan.backends, BACKENDS),
    ):
        for name in wanted:
            if name not in known:
                raise BadArgument(
                    f"there is no {kind} {name!r} here",
                    why=f"there are {', '.join(known)}",
                    mend="name one of those; an event loop may have to be installed",
                )


def run(plan: Plan, progress: Say = lambda _: None) -> Outcome:
    """Measure, and compare if that is wanted.

    A case that seems to have become slower is measured once more: what counts is the better of the
    two.  Raises `BadArgument`, `WrongResult`.
    """
    check_names(plan)
    before = None if plan.compare is None else load(plan.compare, PYTHON)
    with Peers(libraries=plan.libraries) as peers:
        outcome = Outcome(facts(peers.facts()), judged=not plan.quick)
        sessions = {
            name: Session(BACKENDS[name], peers, 1 if plan.quick else plan.rounds, plan.quick)
            for name in plan.backends
        }
        for name, session in sessions.items():
            for case in plan.names:
                progress(f"{case} on {name}")
                outcome.results[case, name] = CASES[case].run(session)
        if before is not None:
            outcome.changes = changes(before, ratios(outcome.rows), plan.tolerance)
            for case, name in doubtful(outcome):
                progress(f"{case} on {name}, once more")
                again = CASES[case].run(sessions[name])
                second = changes(before, ratios(again), plan.tolerance)
                outcome.changes = better(outcome.changes, second)
        outcome.notes = [note for session in sessions.values() for note in session.notes]
    return outcome


def doubtful(outcome: Outcome) -> list[tuple[str, str]]:
    """The cases with rows that seem to have become slower."""
    rows = {(change.case, change.backend) for change in outcome.slower}
    return [
        key
        for key, results in outcome.results.items()
        if any((result.case, result.backend) in rows for result in results)
    ]


def better(first: list[Change], second: list[Change]) -> list[Change]:
    """For each row the one of two measurements in which it has grown less."""
    again = {(change.case, change.backend): change for change in second}
    return [
        min(change, again.get((change.case, change.backend), change), key=lambda c: c.growth)
        for change in first
    ]

"""Whether something has become slower: the ratios of two runs, row by row.

Law: what is compared are ratios to rivals that ran in the same process in alternating rounds, never
times, because machines change their speed.  A row's measure is the steadiest of the rivals that
both runs have: mostly the same case on a queue and a task, which takes about as long, and not the
floor, whose turns are short.  It has become slower if that ratio grew by more than the tolerance
and twice what the ratio is uncertain by.  Of memory, which does not depend on the machine's speed,
the bytes are compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import hypot, sqrt
from pathlib import Path
from typing import Any, TypeAlias

from airssys_rt.bench.results import HERE, Result
from airssys_rt.errors import BadArgument

__all__ = ["TOLERANCE", "Change", "Ratio", "Ratios", "changes", "changes_table", "load", "ratios"]

TOLERANCE = 0.05
BETWEEN = 0.03  # what a steady ratio of one program differs by between two runs, on a busy machine
ITSELF = "itself"  # the rival of a row whose own figure is compared


@dataclass(frozen=True)
class Ratio:
    """A ratio, and the share of it that it may well be wrong by."""

    value: float
    error: float


# by row and event loop, then by rival
Ratios: TypeAlias = Mapping[tuple[str, str], Mapping[str, Ratio]]


@dataclass(frozen=True)
class Change:
    """How one row has changed, in units of its steadiest rival."""

    case: str
    backend: str
    rival: str
    before: float
    now: float
    allowed: float  # the share that it may grow by

    @property
    def growth(self) -> float:
        """The share that it has grown by; less than 0 if it has become faster."""
        return self.now / self.before - 1

    @property
    def slower(self) -> bool:
        """Whether that is more than chance and tolerance explain."""
        return self.growth > self.allowed


def uncertainty(spread: float, rounds: int) -> float:
    """What the median of one run's ratios may well be wrong by, as a share.

    Its standard error, from half of the range of the middle half of the rounds; but runs differ
    from each other by more than their rounds do.
    """
    return max(BETWEEN, 1.86 * spread / sqrt(max(rounds, 1)))


def ratios(results: Iterable[Result]) -> Ratios:
    """What can be compared of a run."""
    found: dict[tuple[str, str], dict[str, Ratio]] = {}
    for result in results:
        row: dict[str, Ratio] = {}
        for name in HERE:
            value = result.ratio(name)
            if value is not None:
                error = uncertainty(result.spread(name), len(result.ours.rounds))
                row[name] = Ratio(value, error)
        if result.unit == "bytes" and not result.targets:
            row.clear()  # what a process happens to grow by
        elif result.unit == "bytes":
            row = {ITSELF: Ratio(result.ours.median, 0.0)}
        if row:
            found[result.case, result.backend] = row
    return found


def changes(before: Ratios, now: Ratios, tolerance: float = TOLERANCE) -> list[Change]:
    """How the rows that both runs have differ."""
    found: list[Change] = []
    for (case, backend), row in now.items():
        old = before.get((case, backend), {})
        both = [
            Change(
                *(case, backend, name, old[name].value, new.value),
                tolerance + 2 * hypot(old[name].error, new.error),
            )
            for name, new in row.items()
            if name in old
        ]
        if both:
            found.append(min(both, key=lambda change: change.allowed))
    return found


def changes_table(found: Iterable[Change]) -> str:
    """The changes as a Markdown table."""
    lines = [
        "| case | event loop | in units of | before | now | change | allowed | |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for change in found:
        verdict = "**slower**" if change.slower else ""
        lines.append(
            f"| {change.case} | {change.backend} | {change.rival} | {change.before:.3g}"
            f" | {change.now:.3g} | {change.growth:+.1%} | +{change.allowed:.1%} | {verdict} |"
        )
    return "\n".join(lines)


# ---------------------------------------------------------------- files


def load(file: Path, python: str) -> Ratios:
    """The ratios of an earlier run's JSON, or of a baseline for this version of Python.

    Raises `BadArgument`.
    """
    try:
        # Any: JSON
        document: Any = json.loads(file.read_text(encoding="utf-8"))
        if "baseline" in document:
            rows = document["baseline"].get(python)
            if rows is None:
                known = ", ".join(document["baseline"])
                raise BadArgument(
                    f"{file} has no baseline for Python {python}",
                    why=f"it was recorded on {known}; ratios differ between versions",
                    mend="run it on one of those, or record a baseline with this one",
                )
            return of_baseline(rows["rows"])
        return of_run(document["results"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadArgument(
            f"{file} cannot be compared with",
            where=f"{type(error).__name__}: {error}",
            why="it is no output of `airssys-rt bench --json`",
            mend="give a file that the command has written",
        ) from None


# Any: JSON
def of_baseline(rows: list[dict[str, Any]]) -> Ratios:
    """A baseline's own form: a ratio, and how far the recorded runs lay apart.

    Few runs may lie close together by chance, so a ratio is never taken to be exact.
    """
    return {
        (row["case"], row["backend"]): {
            name: Ratio(float(value), max(float(error), 0.0 if name == ITSELF else BETWEEN))
            for name, (value, error) in row["ratios"].items()
        }
        for row in rows
    }


# Any: JSON
def of_run(rows: list[dict[str, Any]]) -> Ratios:
    """The form that `--json` prints."""
    found: dict[tuple[str, str], dict[str, Ratio]] = {}
    for row in rows:
        rounds = len(row["ours"]["rounds"])
        ratios = {
            name: Ratio(rival["ratio"], uncertainty(rival["ratio_spread"], rounds))
            for name, rival in row["rivals"].items()
            if name in HERE
        }
        if row["unit"] == "bytes":
            ratios = {ITSELF: Ratio(row["ours"]["median"], 0.0)} if row["targets"] else {}
        if ratios:
            found[row["case"], row["backend"]] = ratios
    return found

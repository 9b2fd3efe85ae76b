"""Measuring: spans of wall and CPU time, figures over rounds, and races between contenders.

A contender does `n` operations, checks that they had their effect, and returns what each of its
parts took. In a race the contenders take turns, round after round, in an order that rotates, so
that whatever else the machine does hits them alike; a ratio is the median over the rounds of the
ratio within a round. The garbage collector has the settings that users have; what one contender
leaves is collected before the next one's clock starts.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter_ns, process_time_ns
from typing import TypeAlias

__all__ = [
    "Contender",
    "Figure",
    "Span",
    "Stopwatch",
    "WrongResult",
    "check",
    "race",
    "relative_spread",
]


class WrongResult(Exception):
    """A measured run did not do what it was measured doing."""


def check(got: object, wanted: object, what: str) -> None:
    """Raise `WrongResult` unless the run's result is right."""
    if got != wanted:
        raise WrongResult(f"{what}: {got!r}, not {wanted!r}")


@dataclass(frozen=True)
class Span:
    """What `count` operations took, in nanoseconds of wall time and of the process's CPU time."""

    wall: int
    cpu: int
    count: int


class Stopwatch:
    """Runs from its construction; `lap` also starts the next span."""

    def __init__(self) -> None:
        self._cpu, self._wall = process_time_ns(), perf_counter_ns()

    def lap(self, count: int) -> Span:
        """The span since the start or the last lap."""
        wall, cpu = perf_counter_ns(), process_time_ns()
        span = Span(wall - self._wall, cpu - self._cpu, count)
        self._cpu, self._wall = process_time_ns(), perf_counter_ns()
        return span


Contender: TypeAlias = Callable[[int], tuple[Span, ...]]


@dataclass(frozen=True)
class Figure:
    """One quantity, measured once a round; `cpu` is the same in CPU time, where that is known."""

    rounds: tuple[float, ...]
    cpu: tuple[float, ...] = ()

    @property
    def median(self) -> float:
        return median(self.rounds)

    @property
    def cpu_median(self) -> float | None:
        return median(self.cpu) if self.cpu else None

    @property
    def effort(self) -> float:
        """What a target is about: the CPU time where that is known."""
        return median(self.cpu or self.rounds)

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the greatest."""
        return min(self.rounds), max(self.rounds)

    def ratios(self, rival: Figure, *, cpu: bool = True) -> tuple[float, ...]:
        """How many times the rival's figure this is, round by round.

        In CPU time where both have it, unless `cpu` is unset: other programs on the machine disturb
        it less than wall time.
        """
        mine, other = self.rounds, rival.rounds
        if cpu and self.cpu and rival.cpu and all(rival.cpu):
            mine, other = self.cpu, rival.cpu
        return tuple(a / b for a, b in zip(mine, other, strict=True))

    def ratio(self, rival: Figure, *, cpu: bool = True) -> float:
        """The median of the rounds' ratios."""
        return median(self.ratios(rival, cpu=cpu))

    @staticmethod
    def per_operation(spans: list[Span]) -> Figure:
        """Nanoseconds per operation."""
        return Figure(
            tuple(span.wall / span.count for span in spans),
            tuple(span.cpu / span.count for span in spans),
        )

    @staticmethod
    def total_seconds(spans: list[Span]) -> Figure:
        """Seconds for all the operations."""
        return Figure(tuple(s.wall / 1e9 for s in spans), tuple(s.cpu / 1e9 for s in spans))


def relative_spread(values: Sequence[float]) -> float:
    """Half of the range that holds the middle half of the values, as a share of their median."""
    if len(values) < 2:
        return 0.0
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return (high - low) / 2 / middle


def race(
    contenders: Mapping[str, Contender],
    counts: Mapping[str, int],
    rounds: int,
    *,
    clean: bool = True,
) -> dict[str, list[tuple[Span, ...]]]:
    """Let the contenders take turns; the spans of each, by round. One short turn warms up.

    Unless `clean`, what one leaves is not collected first: for turns that are not worth that.
    """
    for name, contender in contenders.items():
        contender(max(1, counts[name] // 5))
    spans: dict[str, list[tuple[Span, ...]]] = {name: [] for name in contenders}
    names = list(contenders)
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            if clean:
                gc.collect()
            spans[name].append(contenders[name](counts[name]))
    return spans

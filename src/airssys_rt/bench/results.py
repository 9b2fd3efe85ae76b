"""Results and their targets: one row of the tables, and what it is compared with.

Laws: a ratio is a median over rounds of ratios within a round; a target that was not measured is
not met, nor missed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import airssys_rt
from airssys_rt.bench.measure import Figure, relative_spread
from airssys_rt.bench.peer import LIBRARIES

__all__ = ["ACCELERATED", "HERE", "NEAREST", "Result", "Target", "Unit"]

Unit = Literal["ns", "s", "bytes", "carriers", "times"]

# whether the engine's hot modules are compiled; a build without them need not know of the name
ACCELERATED: bool = getattr(airssys_rt, "__accelerated__", False)

NEAREST = "nearest library"  # the fastest of the other actor libraries
HERE = ("floor", "raw", "future", "anyio", "asyncio")  # rivals that run in this process


@dataclass(frozen=True)
class Target:
    """At most `limit`: of the figure itself, or of its ratio to the rival `of`.

    `accelerated` is the limit of the accelerated build, where that has another.
    """

    limit: float
    of: str | None = None
    accelerated: float | None = None

    @property
    def bound(self) -> float:
        """The limit for the build that runs."""
        return self.accelerated if ACCELERATED and self.accelerated is not None else self.limit


@dataclass(frozen=True)
class Result:
    """One row: what was measured, for us and for the rivals of the same run."""

    case: str
    backend: str
    count: int
    unit: Unit
    ours: Figure
    rivals: dict[str, Figure] = field(default_factory=dict[str, Figure])
    targets: tuple[Target, ...] = ()

    @property
    def nearest(self) -> str | None:
        """The fastest of the other libraries that took part."""
        there = [name for name in self.rivals if name in LIBRARIES]
        return min(there, key=lambda name: self.rivals[name].effort, default=None)

    def rival(self, name: str) -> Figure | None:
        """A rival's figure."""
        known = self.nearest if name == NEAREST else name
        return None if known is None else self.rivals.get(known)

    def ratio(self, rival: str, *, cpu: bool = True) -> float | None:
        """Our figure in units of a rival's; in CPU time, unless `cpu` is unset."""
        figure = self.rival(rival)
        return None if figure is None else self.ours.ratio(figure, cpu=cpu)

    def spread(self, rival: str) -> float:
        """How far the rounds' ratios lie apart, as a share of their median."""
        figure = self.rival(rival)
        return 0.0 if figure is None else relative_spread(self.ours.ratios(figure))

    def met(self, target: Target) -> bool | None:
        """Whether a target was met; None if there is nothing to compare with."""
        reached = self.ours.effort if target.of is None else self.ratio(target.of)
        return None if reached is None else reached <= target.bound

"""Backoff: how long to wait before a restart, as data and one pure function.

Exponential, with a cap and jitter, as Akka's BackoffSupervisor and AWS's "Exponential Backoff And
Jitter" have it.  Law: the delay of the n-th restart in a row is within `jitter` of
`min(cap, first * factor ** n)`.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import msgspec

from airssys_rt.errors import BadArgument

if TYPE_CHECKING:
    from random import Random

__all__ = ["Backoff"]


class Backoff(msgspec.Struct, frozen=True, kw_only=True):
    """How long to wait before each restart; times in seconds.

    The first restart waits `first`, each further one `factor` times as long, at most `cap`.  Each
    wait is made longer or shorter by up to `jitter` (a part of it, 0 to 1), so that many actors
    do not come back at once.  One that has lived `reset_after` begins with `first` again.
    Raises `BadArgument`.
    """

    first: float = 0.1
    cap: float = 30.0
    factor: float = 2.0
    jitter: float = 0.2
    reset_after: float = 60.0

    def __post_init__(self) -> None:
        # `not >` also refuses what is not a number
        wrong = {
            "first": not 0 < self.first < inf,
            "cap": not self.first <= self.cap < inf,
            "factor": not 1 <= self.factor < inf,
            "jitter": not 0 <= self.jitter <= 1,
            "reset_after": not self.reset_after > 0,
        }
        for name, bad in wrong.items():
            if bad:
                raise BadArgument(
                    f"a backoff cannot have {name}={getattr(self, name)!r}",
                    why="it waits first, first * factor, ... up to cap seconds, give or take"
                    " jitter, and starts over after reset_after",
                    mend="0 < first <= cap, factor >= 1, 0 <= jitter <= 1, reset_after > 0",
                )

    def delay(self, restarts: int, random: Random) -> float:
        """Seconds to wait after `restarts` earlier restarts in a row."""
        try:
            wait = min(self.cap, self.first * self.factor**restarts)
        except OverflowError:
            wait = self.cap
        return wait * (1 + self.jitter * random.uniform(-1, 1))

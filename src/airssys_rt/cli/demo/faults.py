"""Crashes that are wanted: `--crash-rate`.

Laws: whether a try crashes depends on the seed, the file and the number of the try alone, so the
same seed crashes the same tries in whatever order they come; no file crashes more often than MOST
times, so a run ends at every rate, 1 included.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from typing import NamedTuple

__all__ = ["MOST", "NO_FAULTS", "Faults", "Injected"]

MOST = 5


class Injected(Exception):
    """A crash that was asked for."""


class Faults(NamedTuple):
    """Strikes a try with the probability `rate`."""

    rate: float = 0.0
    seed: int = 0

    def strike(self, path: str, attempt: int) -> bool:
        """Whether the try of that number, from 1, is to crash."""
        if attempt > MOST:
            return False
        what = b"%d %d %s" % (self.seed, attempt, os.fsencode(path))
        drawn = int.from_bytes(blake2b(what, digest_size=8).digest(), "big")
        return drawn < self.rate * 2**64


NO_FAULTS = Faults()

"""The held-out programs: written before exploration was run on them, and frozen by a lock."""

from __future__ import annotations

from tests.testing.heldout import (
    clusters,
    consensus,
    handoffs,
    pools,
    processes,
    replicas,
    textbook,
)
from tests.testing.heldout.base import HELD_OUT

__all__ = ["HELD_OUT"]

FILES = (pools, clusters, handoffs, consensus, replicas, processes, textbook)

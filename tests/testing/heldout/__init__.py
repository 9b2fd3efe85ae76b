"""The held-out programs: written before exploration was run on them, and frozen by a lock."""

from __future__ import annotations

from tests.testing.heldout import (
    clusters,
    consensus,
    copies,
    handoffs,
    pools,
    processes,
    replicas,
    streams,
    textbook,
    transactions,
    workers,
)
from tests.testing.heldout.base import HELD_OUT

__all__ = ["HELD_OUT"]

FILES = (
    *(pools, clusters, handoffs, consensus, replicas, processes, textbook),
    *(streams, copies, transactions, workers),
)

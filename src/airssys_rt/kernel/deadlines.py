"""Deadlines of asks: cheap because almost none is ever reached.

Asks with the same timeout are due in the order in which they were made, so a queue per timeout
value needs no heap.  A few values get a queue; computed timeouts (each value new) share a heap.
Laws: a settled wait is forgotten soon, not at its deadline; memory is linear in the unsettled.
"""

from __future__ import annotations

from collections import deque
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airssys_rt.kernel.waits import Wait

__all__ = ["Deadlines"]

QUEUES = 16
COMPACT = 512


class Deadlines:
    """The deadlines of all unsettled waits."""

    __slots__ = ("_heap", "_order", "_queues", "_settled", "_size")

    def __init__(self) -> None:
        self._queues: dict[float, deque[Wait]] = {}
        self._heap: list[tuple[float, int, Wait]] = []
        self._order = 0
        self._settled = 0
        self._size = 0

    def __len__(self) -> int:
        return self._size - self._settled

    def add(self, wait: Wait, timeout: float, now: float) -> float:
        """Note that `wait` is due `timeout` seconds from `now`; the time it is due."""
        wait.deadline = due = now + timeout
        self._size += 1
        queue = self._queues.get(timeout)
        if queue is None and len(self._queues) < QUEUES:
            queue = self._queues[timeout] = deque()
        # a clock that was set back would break the order of a queue
        if queue is not None and (not queue or queue[-1].deadline <= due):
            queue.append(wait)
        else:
            self._order += 1
            heappush(self._heap, (due, self._order, wait))
        return due

    def settled(self, wait: Wait) -> None:
        """`wait` needs its deadline no more."""
        wait.deadline = 0.0
        self._settled += 1
        if self._settled > COMPACT and self._settled * 2 > self._size:
            self._compact()

    def next(self) -> float | None:
        """When the earliest unsettled wait is due."""
        if not self._size:
            return None
        self._trim()
        dues = [queue[0].deadline for queue in self._queues.values()]
        if self._heap:
            dues.append(self._heap[0][0])
        return min(dues, default=None)

    def expired(self, now: float) -> list[Wait]:
        """Take out the waits that are due."""
        late: list[Wait] = []
        if not self._size:
            return late
        for queue in self._queues.values():
            while queue and (not queue[0].deadline or queue[0].deadline <= now):
                late.append(queue.popleft())
        while self._heap and (not self._heap[0][2].deadline or self._heap[0][0] <= now):
            late.append(heappop(self._heap)[2])
        self._size -= len(late)
        live = [wait for wait in late if wait.deadline]
        self._settled -= len(late) - len(live)
        for wait in live:  # taken out: it is not to be settled once more
            wait.deadline = 0.0
        self._trim()
        return live

    def _trim(self) -> None:
        for timeout, queue in list(self._queues.items()):
            while queue and not queue[0].deadline:
                queue.popleft()
                self._size -= 1
                self._settled -= 1
            if not queue:
                del self._queues[timeout]
        while self._heap and not self._heap[0][2].deadline:
            heappop(self._heap)
            self._size -= 1
            self._settled -= 1

    def _compact(self) -> None:
        for timeout, queue in list(self._queues.items()):
            kept = deque(wait for wait in queue if wait.deadline)
            if kept:
                self._queues[timeout] = kept
            else:
                del self._queues[timeout]
        self._heap = [entry for entry in self._heap if entry[2].deadline]
        heapify(self._heap)
        self._size = len(self._heap) + sum(map(len, self._queues.values()))
        self._settled = 0

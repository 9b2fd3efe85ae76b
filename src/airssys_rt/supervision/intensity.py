"""Restart intensity: how many restarts in how much time are too many (OTP: `intensity`, `period`).

Law: a restart is allowed unless more than `intensity` of them, it included, came within the last
`period` seconds, the bounds included.
"""

from __future__ import annotations

from collections import deque

__all__ = ["Window"]


class Window:
    """The restarts of the last `period` seconds."""

    __slots__ = ("_intensity", "_period", "_times")

    def __init__(self, intensity: int, period: float) -> None:
        self._intensity = intensity
        self._period = period
        self._times: deque[float] = deque()

    def allows(self, now: float) -> bool:
        """Count a restart; False if it is one too many."""
        times = self._times
        times.append(now)
        while times[0] < now - self._period:
            times.popleft()
        return len(times) <= self._intensity

    def describe(self) -> str:
        """What it allows, in words."""
        return f"{self._intensity} in {self._period:g} s"

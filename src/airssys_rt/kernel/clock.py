"""The clock port: where a system's time comes from."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Clock"]


class Clock(Protocol):
    """A source of time for timers and deadlines; the default is the event loop's."""

    def now(self) -> float:
        """Monotonic time, in seconds."""
        ...

    async def sleep_until(self, when: float) -> None:
        """Return when `now()` has reached `when`; cancellable."""
        ...

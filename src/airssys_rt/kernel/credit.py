"""How many messages may be handled before the scheduler looks at the clock again.

Law: handlers as slow as those just measured do not overrun the slice by more than a quarter of it.
"""

from __future__ import annotations

__all__ = ["BATCH", "next_credit"]

BATCH = 64  # messages, at most


def next_credit(handled: int, slices: float) -> int:
    """The number for handlers of whom `handled` took `slices` time slices together."""
    if slices <= 0.0:
        return BATCH
    return max(1, min(int(handled / (slices * 4.0)), BATCH))

"""What the workers of `offload` run; no import that an interpreter does not load."""

from __future__ import annotations

__all__ = ["burn", "length", "nothing"]


def nothing(number: int) -> int:
    return number


def length(data: bytes) -> int:
    return len(data)


def burn(steps: int) -> int:
    """Compute for a while, without letting go of the interpreter's lock."""
    total = 0
    for number in range(steps):
        total = (total + number * number) % 1_000_003
    return total

"""What the options of pytest's plugin say of seeds and schedules; it imports nothing.

`explore`, `simulate` and the fixture `world` look here for what they are not told.
"""

from __future__ import annotations

__all__ = ["CHOSEN", "Chosen"]


class Chosen:
    """The options of this run of pytest; outside of pytest, what stands here.

    `schedules` is None if nobody chose: then a policy, or whoever asks, has a number of its own.
    """

    __slots__ = ("schedules", "seed")

    def __init__(self) -> None:
        self.seed = 0
        self.schedules: int | None = None

    def seed_or(self, seed: int | None) -> int:
        """The seed that was given, else the chosen one."""
        return self.seed if seed is None else seed

    def schedules_or(self, schedules: int | None, otherwise: int) -> int:
        """The number that was given, else the chosen one, else the last."""
        if schedules is not None:
            return schedules
        return otherwise if self.schedules is None else self.schedules


CHOSEN = Chosen()

"""Liveness: what has to come about, in some time and some steps.

Under a schedule that may starve an actor for ever nothing has to come about.  So steps are counted
under a fair one: whatever has waited longest comes next, in send order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airssys_rt.errors import LawBroken
from airssys_rt.kernel.waits import Wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.testing.world import World

__all__ = ["Goal"]


class Goal:
    """Something that has to hold in the end; `wait` is settled when it does, or cannot."""

    def __init__(
        self,
        world: World,
        check: Callable[[], bool],
        end: float,
        seconds: float,
        steps: int | None,
    ) -> None:
        self.world = world
        self.check = check
        self.end = end
        self.seconds = seconds
        self.steps = steps
        self.left = steps
        self.wait = Wait(None, None)
        self.due = 0.0  # when something happens next

    def holds(self) -> bool:
        """Whether it holds now; who waits for it goes on, also if the check raises."""
        try:
            if not self.check():
                return False
        except BaseException as error:
            self.over(error)
            return False
        self.over(None)
        return True

    def over(self, error: BaseException | None) -> None:
        """The wait ends."""
        self.world.goal = None
        if error is None:
            self.wait.settle(None)
        else:
            self.wait.fail(error)

    def stepped(self) -> None:
        """A step of the fair schedule was taken."""
        assert self.left is not None
        self.left -= 1
        if not self.holds() and self.left <= 0:
            self.fail(f"{self.steps} steps of a fair schedule were taken")

    def in_time(self) -> bool:
        """Whether something more happens, and in time."""
        due = self.world.next_due()
        if due is None:
            self.fail("nothing more is going to happen")
        elif due > self.end:
            self.fail(f"{self.seconds} seconds of virtual time have passed")
        else:
            self.due = due
            return True
        return False

    def fail(self, why: str) -> None:
        """It has not come about."""
        self.over(
            LawBroken(
                f"{getattr(self.check, '__name__', 'what was awaited')} never came to hold",
                why=why,
                mend="see the trace for what did not happen",
            )
        )

"""Making a failing schedule small: ddmin over its deviations from send order.

What is left of a schedule is replayed by names, with send order wherever no hint can be followed;
so a part of a schedule is a schedule.  Zeller and Hildebrandt, Simplifying and isolating
failure-inducing input, IEEE TSE 2002.
"""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

from airssys_rt.testing.choices import Hint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PAIRS = 12  # more hints than that are not tried in pairs

__all__ = ["ddmin", "smaller"]


def smaller(hints: Sequence[Hint], fails: Callable[[list[Hint]], bool]) -> list[Hint]:
    """As `ddmin`; then one hint in the place of two, as long as that is found."""
    left = ddmin(hints, fails)
    while 1 < len(left) <= PAIRS:
        merged = merge(left, fails)
        if merged is None:
            break
        left = ddmin(merged, fails)
    return left


def merge(left: list[Hint], fails: Callable[[list[Hint]], bool]) -> list[Hint] | None:
    """Hold one step until after what another one waited for, and that other one not at all."""
    for hint, other in permutations(left, 2):
        if hint.until is not None and other.until is not None:
            longer = Hint(hint.step, other.until)
            rest = [longer if one is hint else one for one in left if one is not other]
            if fails(rest):
                return rest
    return None


def ddmin(hints: Sequence[Hint], fails: Callable[[list[Hint]], bool]) -> list[Hint]:
    """The hints of which none can be left out; `fails` says whether some still make it fail."""
    left = list(hints)
    if fails([]):
        return []
    left = prefix(left, fails)
    parts = 2
    while len(left) > 1:
        size = max(1, len(left) // parts)
        for start in range(0, len(left), size):
            rest = left[:start] + left[start + size :]
            if rest and fails(rest):
                left = rest
                parts = max(2, parts - 1)
                break
        else:
            if size == 1:
                break
            parts = min(len(left), parts * 2)
    return left


def prefix(hints: list[Hint], fails: Callable[[list[Hint]], bool]) -> list[Hint]:
    """The shortest beginning that still fails, as far as halving finds it."""
    low, high = 0, len(hints)
    while low < high:
        middle = (low + high) // 2
        if fails(hints[:middle]):
            high = middle
        else:
            low = middle + 1
    return hints[:high] if high < len(hints) and fails(hints[:high]) else hints

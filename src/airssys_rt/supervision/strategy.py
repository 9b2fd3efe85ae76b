"""Restart strategies as pure functions over the order of the children (OTP: `strategy`).

Laws: what is restarted is a run of the start order that contains the failed child; it is stopped
from its end and started from its beginning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from typing_extensions import TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["AutoShutdown", "Strategy", "affected", "shuts_down"]

T = TypeVar("T")

Strategy: TypeAlias = Literal["one_for_one", "one_for_all", "rest_for_one"]
AutoShutdown: TypeAlias = Literal["never", "any_significant", "all_significant"]

# where the run of restarted children begins and ends, from the place of the failed one
RUNS: dict[str, Callable[[int, int], tuple[int, int]]] = {
    "one_for_one": lambda place, _count: (place, place + 1),
    "one_for_all": lambda _place, count: (0, count),
    "rest_for_one": lambda place, count: (place, count),
}


def affected(strategy: Strategy, order: Sequence[T], failed: T) -> Sequence[T]:
    """The children to restart with a failed one, in their start order."""
    begin, end = RUNS[strategy](order.index(failed), len(order))
    return order[begin:end]


def shuts_down(auto_shutdown: AutoShutdown, *, left: bool) -> bool:
    """Whether a supervisor ends with a significant child; `left`: there are others."""
    return auto_shutdown == "any_significant" or (auto_shutdown == "all_significant" and not left)

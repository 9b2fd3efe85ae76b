"""The life of an actor as steps of its cell: what each signal makes it do.

A cell acts on signals in its own step, before its next message; never on another's stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.kernel.ending import end, proceed
from airssys_rt.kernel.failing import broken
from airssys_rt.kernel.keeping import revive
from airssys_rt.kernel.starting import enter, go_next

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.kernel.cell import Cell

__all__ = ["ACTIONS"]

# Any: each signal has an argument of its own
ACTIONS: dict[str, Callable[[Cell, Any], bool]] = {
    "end": end,
    "enter": enter,
    "next": go_next,
    "broken": broken,
    "proceed": proceed,
    "revive": revive,
}

"""The inbox: actions from other threads, run in the engine's thread in their order."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Inbox"]


class Inbox:
    """Collects actions; the loop is woken once for all that came since it last looked."""

    __slots__ = ("_actions", "_lock", "_soon")

    def __init__(self, soon: Callable[[Callable[[], object]], None]) -> None:
        self._soon = soon
        self._lock = Lock()
        self._actions: list[Callable[[], object]] = []

    def put(self, action: Callable[[], object]) -> None:
        """Have the engine's thread run an action; callable from every thread."""
        with self._lock:
            self._actions.append(action)
            first = len(self._actions) == 1
        if first:
            self._soon(self._take)

    def _take(self) -> None:
        with self._lock:
            actions, self._actions = self._actions, []
        for action in actions:
            action()

"""The inbox: actions from other threads, run in the engine's thread in their order.

Law: however many come, the event loop has its turn after a bounded number.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Inbox"]

BATCH = 256  # actions for one turn of the loop: threads that flood it do not stop it


class Inbox:
    """Collects actions; the loop is woken once for all that came since it last looked."""

    __slots__ = ("_actions", "_emptied", "_lock", "_soon")

    def __init__(
        self, soon: Callable[[Callable[[], object]], None], emptied: Callable[[], object]
    ) -> None:
        self._soon = soon
        self._emptied = emptied
        self._lock = Lock()
        self._actions: list[Callable[[], object]] = []

    def put(self, action: Callable[[], object]) -> None:
        """Have the engine's thread run an action; callable from every thread."""
        with self._lock:
            self._actions.append(action)
            first = len(self._actions) == 1
        if first:
            self._soon(self._take)

    @property
    def pending(self) -> bool:
        """Whether actions wait for the engine's thread."""
        return bool(self._actions)

    def _take(self) -> None:
        self._run(BATCH)
        if self._actions:
            self._soon(self._take)
        else:
            self._emptied()

    def flush(self) -> None:
        """Run what is there now: before what must not overtake it, and when the system was left."""
        self._run(len(self._actions))

    def _run(self, most: int) -> None:
        # they count as pending until the last one has run: a drain must not overtake them
        count = min(most, len(self._actions))
        for action in self._actions[:count]:
            action()
        with self._lock:
            del self._actions[:count]

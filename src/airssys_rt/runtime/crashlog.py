"""What is logged without any configuration: failures once each, dead letters at a limited rate.

Logger `airssys_rt`: ERROR for a failure, with the traceback less the engine's frames; WARNING for
dead letters: the first of each reason and message class at once, then a count every second.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airssys_rt.kernel.failure import format_without_engine

if TYPE_CHECKING:
    from airssys_rt.core.signals import DeadLetter, Stuck
    from airssys_rt.kernel.cell import Cell

__all__ = ["EVERY", "CrashLog"]

logger = logging.getLogger("airssys_rt")

EVERY = 1.0  # seconds


class CrashLog:
    """Writes failures and dead letters to the log."""

    def __init__(self, system: str) -> None:
        self._system = system
        self._silenced: dict[tuple[str, str], int] = {}  # since when is in _until
        self._until: dict[tuple[str, str], float] = {}

    def failure(self, cell: Cell, error: BaseException, doing: str) -> None:
        """An actor failed."""
        if not logger.isEnabledFor(logging.ERROR):
            return
        behaviour = cell.state.name if cell.state is not None else "none"
        logger.error(
            "%s failed %s (system %s, incarnation %d, behaviour %s)\n%s",
            cell.path,
            doing,
            self._system,
            cell.incarnation,
            behaviour,
            format_without_engine(error).rstrip(),
        )

    def stuck(self, event: Stuck) -> None:
        """A killed handler goes on."""
        logger.error("%s was killed and has not ended; it is here:\n%s", event.path, event.stack)

    def dead_letter(self, letter: DeadLetter, now: float) -> bool:
        """A message was not handled; True if `flush` must be called a second later."""
        if not logger.isEnabledFor(logging.WARNING):
            return False
        key = (letter.reason, type(letter.message).__name__)
        if now < self._until.get(key, now):
            first = not self._silenced
            self._silenced[key] = self._silenced.get(key, 0) + 1
            return first
        more = self._silenced.pop(key, 0)
        self._until[key] = now + EVERY
        logger.warning(
            "dead letter: %s for %s was not handled: %s%s",
            key[1],
            letter.path,
            letter.reason,
            f" ({more} more of the kind before it)" if more else "",
        )
        return False

    def flush(self) -> None:
        """Write the counts that are still held back."""
        for (reason, message), count in self._silenced.items():
            logger.warning(
                "dead letters: %d more of %s were not handled: %s", count, message, reason
            )
        self._silenced.clear()

"""What of the log is shown while the demo runs.

Crashes are the demo's subject, and there may be thousands, so they are counted in the report, not
logged one by one; nor is what is left over when the crew is stopped.  Law: a failure that nobody
asked for is logged in full, the first of each class of exception.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

import anyio

from airssys_rt.cli.demo.faults import Injected
from airssys_rt.cli.demo.parser import DoesNotParse
from airssys_rt.cli.demo.protocol import Parse

__all__ = ["quiet"]

# all three are counted; that a worker died is also said of its file, unless a second try mends it
EXPECTED = frozenset(kind.__name__ for kind in (DoesNotParse, Injected, anyio.BrokenWorkerProcess))


class Crashes(logging.Filter):
    """Drops what the report tells better."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is to be shown."""
        text = record.getMessage()
        if record.levelno < logging.ERROR:  # a dead letter: the request of a crash, or of the end
            return f" {Parse.__name__} " not in text and ": stopped" not in text
        last = text.rstrip().rpartition("\n")[2]  # of the traceback: the exception
        kind = last.partition(":")[0].rpartition(".")[2]
        new = kind not in EXPECTED | self._seen
        self._seen.add(kind)
        return new


def in_time(record: logging.LogRecord) -> bool:
    """Whether it is not asyncio's complaint that it comes too late to reap a process.

    anyio kills its idle worker processes twice when the loop ends; the second time reaps the
    process, sometimes before asyncio's watcher does.
    """
    return "will report returncode 255" not in str(record.msg)


@contextmanager
def quiet() -> Generator[None, None, None]:
    """Filter the log."""
    with ExitStack() as undo:
        for name, wanted in (("airssys_rt", Crashes()), ("asyncio", in_time)):
            logger = logging.getLogger(name)
            logger.addFilter(wanted)
            undo.callback(logger.removeFilter, wanted)
        yield

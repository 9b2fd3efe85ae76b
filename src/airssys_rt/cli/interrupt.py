"""Ctrl-C while there is nothing yet to report or to clean up: end at once.

Importing takes a good part of a second, and code that is being imported may swallow a
`KeyboardInterrupt`, or end in somebody's traceback.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager

from airssys_rt.cli.exit_codes import INTERRUPTED

__all__ = ["ending_at_once", "interrupts_are_handled"]


@contextmanager
def ending_at_once() -> Generator[None, None, None]:
    """Let Ctrl-C end the program, until the block ends or `interrupts_are_handled()`."""
    # not in a thread, which may not set handlers, and not if the program is to ignore Ctrl-C
    main = threading.current_thread() is threading.main_thread()
    if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)
    try:
        yield
    finally:
        interrupts_are_handled()


def interrupts_are_handled() -> None:
    """Let Ctrl-C be a `KeyboardInterrupt` again."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(*_: object) -> None:
    os.write(2, b"interrupted\n")
    os._exit(INTERRUPTED)

"""The exit codes of the commands."""

from __future__ import annotations

__all__ = ["BROKEN", "BY_SIGNAL", "INTERRUPTED", "UNEQUAL", "USAGE"]

UNEQUAL = 1  # a verification failed
USAGE = 2
BROKEN = 70  # a failure of the program itself (sysexits: EX_SOFTWARE)
BY_SIGNAL = 128  # and the number of the signal
INTERRUPTED = BY_SIGNAL + 2

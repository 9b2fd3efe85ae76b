"""Failures as data: the exit reason of an exception, with a stack that shows the user's frames."""

from __future__ import annotations

import traceback
from os import sep
from pathlib import Path

from airssys_rt.core.signals import Failed

__all__ = ["failed", "format_without_engine"]

# the frames of these packages say nothing to who wrote the actor
ENGINE = tuple(
    str(Path(__file__).parent.parent / part) + sep for part in ("kernel", "core", "runtime")
)


def failed(error: BaseException) -> Failed:
    """The exit reason of an actor that ended by `error`."""
    return Failed.of(error, format_without_engine(error))


def format_without_engine(error: BaseException) -> str:
    """The traceback's text without the engine's own frames."""
    report = traceback.TracebackException.from_exception(error)
    seen: set[int] = set()
    pending: list[traceback.TracebackException | None] = [report]
    while pending:
        one = pending.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.stack = traceback.StackSummary.from_list(
            [frame for frame in one.stack if not frame.filename.startswith(ENGINE)]
        )
        pending += [one.__cause__, one.__context__, *(one.exceptions or ())]
    return "".join(report.format())

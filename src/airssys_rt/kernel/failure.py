"""Failures as data: the exit reason of an exception, with a stack that shows the user's frames.

Actors may crash thousands of times a second, so the usual case is formatted by hand, for a tenth
of what `traceback` takes; what it would show differently, `traceback` itself formats.
"""

from __future__ import annotations

import traceback
from itertools import islice
from linecache import getline
from os import sep
from pathlib import Path
from typing import TYPE_CHECKING

from airssys_rt.core.signals import Failed, text_of

if TYPE_CHECKING:
    from types import CodeType, TracebackType

__all__ = ["failed", "format_without_engine"]

# the frames of these packages say nothing to who wrote the actor
ENGINE = tuple(
    str(Path(__file__).parent.parent / part) + sep
    for part in ("kernel", "core", "supervision", "runtime", "testing")
)

HEAD = "Traceback (most recent call last):\n"
CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"
MOST_KNOWN = 256  # places whose text is kept
KNOWN: dict[tuple[int, int], tuple[CodeType, str]] = {}
DEEPEST = 30  # frames of one exception: beyond, repetitions are better left out


def failed(error: BaseException) -> Failed:
    """The exit reason of an actor that ended by `error`."""
    return Failed.of(error, format_without_engine(error))


def format_without_engine(error: BaseException) -> str:
    """The traceback's text without the engine's own frames."""
    parts: list[str] = []
    seen: set[int] = set()
    one = error
    while True:
        seen.add(id(one))
        frames = user_frames(one.__traceback__)
        if frames is None or isinstance(one, (BaseExceptionGroup, SyntaxError)):
            return format_in_full(error)
        parts.append((HEAD if frames else "") + "".join(frames) + headline(one))
        link, behind = next_in_chain(one)
        if behind is None or id(behind) in seen:
            return "".join(reversed(parts))
        parts.append(link)
        one = behind


def next_in_chain(error: BaseException) -> tuple[str, BaseException | None]:
    """The exception behind one, and how it is behind it."""
    if error.__cause__ is not None:
        return CAUSE, error.__cause__
    return CONTEXT, None if error.__suppress_context__ else error.__context__


def user_frames(found: TracebackType | None) -> list[str] | None:
    """The lines of the user's frames; None if there are too many."""
    lines: list[str] = []
    while found is not None:
        code = found.tb_frame.f_code
        if not code.co_filename.startswith(ENGINE):
            if len(lines) == DEEPEST:
                return None
            lines.append(frame_text(code, found))
        found = found.tb_next
    return lines


def frame_text(code: CodeType, found: TracebackType) -> str:
    """Where a frame is, with its line: what fails again fails in the same places."""
    place = (id(code), found.tb_lasti)
    known = KNOWN.get(place)
    if known is not None and known[0] is code:
        return known[1]
    text = f'  File "{code.co_filename}", line {found.tb_lineno}, in {code.co_name}\n'
    text += source_line(found)
    if len(KNOWN) >= MOST_KNOWN:
        KNOWN.clear()
    KNOWN[place] = (code, text)
    return text


def source_line(found: TracebackType) -> str:
    """The line of a frame, and marks under what failed if that is a part of it."""
    code = found.tb_frame.f_code
    line = getline(code.co_filename, found.tb_lineno, found.tb_frame.f_globals).rstrip()
    text = line.lstrip()
    if not text:
        return ""
    shown = f"    {text}\n"
    place = next(islice(code.co_positions(), found.tb_lasti // 2, None), None)
    if place is None or not line.isascii():
        return shown
    first, last, begin, end = place
    if first != last or begin is None or end is None:
        return shown
    indent = len(line) - len(text)
    whole = begin <= indent and end >= len(line)
    return shown if whole else f"{shown}    {' ' * (begin - indent)}{'^' * (end - begin)}\n"


def headline(error: BaseException) -> str:
    """The exception's class and text, and its notes."""
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ not in ("builtins", "__main__"):
        name = f"{kind.__module__}.{name}"
    text = text_of(error)
    notes = "".join(f"{note}\n" for note in getattr(error, "__notes__", ()))
    return (f"{name}: {text}\n" if text else f"{name}\n") + notes


def format_in_full(error: BaseException) -> str:
    """As `traceback` does it, for groups, deep recursions and errors of syntax."""
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

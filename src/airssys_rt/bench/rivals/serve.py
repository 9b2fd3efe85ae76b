"""The loop of such a process: a case is asked for by a line, and answered with one.

Reading blocks the event loop between two cases, on purpose: nothing is to run while the others have
their turns.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping

from airssys_rt.bench.measure import Span

__all__ = ["RING", "serve", "serve_async"]

RING = 1000


def requests() -> Iterator[tuple[str, int, Callable[[str], object]]]:
    """The cases that are asked for, each with a way to answer."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer

    def answer(text: str) -> None:
        out.write(f"{text}\n")
        out.flush()

    answer("ready")
    for line in iter(sys.stdin.readline, ""):
        case, count = line.split()
        yield case, int(count), answer


def text_of(span: Span) -> str:
    """A span as a line."""
    return f"{span.wall} {span.cpu}"


def serve(cases: Mapping[str, Callable[[int], Span]]) -> None:
    """Run the cases that are asked for."""
    for case, n, answer in requests():
        try:
            answer(text_of(cases[case](n)))
        except Exception as error:
            answer(f"error {error!r}".replace("\n", " "))


async def serve_async(cases: Mapping[str, Callable[[int], Awaitable[Span]]]) -> None:
    """Run the cases that are asked for, on the running event loop."""
    for case, n, answer in requests():
        try:
            answer(text_of(await cases[case](n)))
        except Exception as error:
            answer(f"error {error!r}".replace("\n", " "))

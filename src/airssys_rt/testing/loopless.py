"""Awaits that only an event loop could end, found and named where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.errors import ForeignAwait

if TYPE_CHECKING:
    from types import CodeType

__all__ = ["ForeignAwait", "foreign", "needs_loop"]

# how the event loops' libraries say that no loop runs
NO_LOOP_TYPES = frozenset({"AsyncLibraryNotFoundError", "NoEventLoopError"})
NO_LOOP_TEXTS = ("no running event loop", "must be called from async context")
# whose frames say less than those of who calls them
LIBRARIES = ("/asyncio/", "/anyio/", "/trio/", "/sniffio/", "/airssys_rt/kernel/")


def foreign(doing: str, what: str, where: str) -> ForeignAwait:
    """The error for what `doing` awaits."""
    return ForeignAwait(
        f"{doing} awaits {what}",
        where=where,
        why="an actor alone runs without an event loop: only asks, sends and other waits of this"
        " library are awaited there",
        mend="have another actor do that, and ask it; or test this one in a live system, with"
        " VirtualTime",
    )


def line(code: CodeType, number: int) -> str:
    """A place in the user's code; "" in a library's."""
    file = code.co_filename
    if any(part in file.replace("\\", "/") for part in LIBRARIES):
        return ""
    return f"{file}:{number}, in {code.co_name}"


# Any: what coroutines yield and are sent is the event loop's matter
def place(coro: Any) -> str:
    """Where a suspended coroutine waits: the innermost line of Python."""
    found = ""
    while coro is not None:
        frame = getattr(coro, "cr_frame", None) or getattr(coro, "gi_frame", None)
        if frame is not None:
            found = line(frame.f_code, frame.f_lineno) or found
        coro = getattr(coro, "cr_await", None) or getattr(coro, "gi_yieldfrom", None)
    return found


def needs_loop(error: BaseException) -> str:
    """Where an exception that says "no event loop" was raised; "" for any other."""
    text = str(error) if isinstance(error, RuntimeError) else ""
    if type(error).__name__ not in NO_LOOP_TYPES and not any(
        part in text for part in NO_LOOP_TEXTS
    ):
        return ""
    trace, found = error.__traceback__, "?"
    while trace is not None:
        found = line(trace.tb_frame.f_code, trace.tb_lineno) or found
        trace = trace.tb_next
    return found

"""What runs inside a worker: find the function, undo the pickle, call, pickle the outcome.

It is imported in worker processes and in interpreters, so it imports nothing that takes long or
that does not load there.  Laws: whatever the function does, what comes back can be unpickled and
says what happened; a handler's `self` there is an instance of its class without any state, and
what the handler would change in it is an error, for it would be lost.
"""

from __future__ import annotations

import pickle
import signal
import sys
import traceback
from importlib import import_module
from inspect import getattr_static
from typing import Any, NamedTuple

from airssys_rt.errors import Unsendable

__all__ = ["Bare", "Place", "call_pickled", "dump", "prepare_process", "unpickled"]

# Any throughout: functions, arguments and results of the user's


class Place(NamedTuple):
    """Where a function that is known by another name is found; pickled in its stead."""

    module: str
    qualname: str
    path: tuple[str, ...] = ()  # where to look for the module if it is not found

    def find(self) -> Any:
        """The function as it was before it was decorated."""
        try:
            found: Any = self._module()
            for part in self.qualname.split("."):
                found = getattr_static(found, part)
        except (ImportError, AttributeError) as error:
            raise not_found(f"{self.module}.{self.qualname}", error) from error
        found = getattr(found, "function", found)  # of a handler
        found = getattr(found, "__func__", found)  # of a static method
        return getattr(found, "__wrapped__", found)

    def _module(self) -> Any:
        try:
            return import_module(self.module)
        except ModuleNotFoundError:
            sys.path += [entry for entry in self.path if entry not in sys.path]
            return import_module(self.module)


class Bare:
    """A handler's actor as it is sent to a worker: its class."""

    def __init__(self, cls: type[Any]) -> None:
        self.cls = cls

    def stand_in(self) -> Any:
        """An instance without state; its verbs say that no system runs it."""
        made = object.__new__(self.cls)
        made.__cell__ = None
        return made


def outcome(function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Call the function, with a stand-in for its actor if it is a handler."""
    if not arguments or not isinstance(arguments[0], Bare):
        return function(*arguments, **keywords)
    me = arguments[0].stand_in()
    try:
        result = function(me, *arguments[1:], **keywords)
    except AttributeError as error:
        if getattr(error, "obj", None) is me:
            error.add_note(
                "A handler that runs in a process or an interpreter sees no attributes of its"
                " actor: take what it needs from the message, or await an offloaded function with"
                " it as an argument."
            )
        raise
    changed = me.__dict__.keys() - {"__cell__"}
    if changed:
        raise Unsendable(
            f"a handler set {', '.join(sorted(changed))} where that is lost",
            where=getattr(function, "__qualname__", ""),
            why="it runs in another process or interpreter, and its actor does not",
            mend="return what it found, and set it in a handler that awaits the offloaded function",
        )
    return result


def call_pickled(payload: bytes) -> bytes:
    """Call what the payload says; a pickle of whether it returned, and what, or what it raised."""
    try:
        try:
            function, arguments, keywords = pickle.loads(payload)
        except (ImportError, AttributeError) as error:
            raise not_found("something that it was sent", error) from error
        if isinstance(function, Place):
            function = function.find()
        result = outcome(function, arguments, keywords)
    except Exception as error:
        return failure(error)
    try:
        return dump((True, result))
    except Exception as error:
        return failure(
            Unsendable(
                f"what {getattr(function, '__qualname__', function)!s} returned cannot be sent"
                f" back: {type(result).__name__}",
                why=f"{type(error).__name__}: {error}",
                mend="return what pickle can write: messages, plain values, classes of a module",
            )
        )


def not_found(what: str, error: Exception) -> Unsendable:
    """The error for what is sent by its name, and is not there."""
    return Unsendable(
        f"a worker does not find {what}",
        why=f"{type(error).__name__}: {error}",
        mend="keep functions and classes in a module that the worker can import; with"
        ' "interpreter", in one that imports no C extension that does not load there, such as'
        " msgspec, and so no message classes",
    )


def failure(error: Exception) -> bytes:
    """A pickle of an exception, with where it was raised, for a traceback is not sent."""
    error.add_note("In the worker:\n" + "".join(traceback.format_exception(error)).rstrip())
    error.__traceback__ = None
    try:
        written = dump((False, error))
        pickle.loads(written)  # some exceptions can be written, and not read again
    except Exception:
        text = f"{type(error).__name__}: {error}"
        written = dump((False, RuntimeError("\n".join((text, *error.__notes__)))))
    return written


def prepare_process() -> None:
    """In a worker process: leave Ctrl-C to the process that asked for the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def unpickled(written: bytes) -> Any:
    """The outcome of a call: what it returned, or raises what it raised."""
    returned, value = pickle.loads(written)
    if returned:
        return value
    raise value


def dump(value: object) -> bytes:
    """A pickle, as short as it gets."""
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)

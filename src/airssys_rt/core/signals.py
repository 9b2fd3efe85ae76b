"""What the engine tells actors and observers: exit reasons, signals, events, dead letters.

All are tagged Structs, so they encode like any message.  The exception behind a failure stays out
of band: `reason.cause` holds it in the process where it happened, and nowhere else.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from airssys_rt.core.message import Message
from airssys_rt.core.ref import AnyRef
from airssys_rt.errors import ActorError, Refused

__all__ = [
    "CircuitChanged",
    "CircuitState",
    "Crashed",
    "DeadLetter",
    "DeadReason",
    "Down",
    "Ended",
    "Exit",
    "ExitReason",
    "Failed",
    "Killed",
    "LifecycleEvent",
    "NodeLost",
    "Normal",
    "Restarting",
    "Overloaded",
    "Relieved",
    "Shutdown",
    "Started",
    "Stuck",
    "SystemLimit",
    "text_of",
]


def text_of(error: BaseException) -> str:
    """What the exception says; its `__str__` is the user's and may fail itself."""
    try:
        return str(error)
    except Exception as broken:
        return f"(its __str__ raised {type(broken).__name__})"


def brief(error: BaseException) -> str:
    """An exception in one line, for the `why` of another one."""
    if isinstance(error, ActorError) and not isinstance(error, Refused):
        return f"{type(error).__name__}: {error.code} {error.what}"
    return f"{type(error).__name__}: {text_of(error)}"


class Normal(Message):
    """The actor stopped of its own accord, or by `ref.stop()` (OTP: `normal`)."""


class Shutdown(Message):
    """Its parent or its system stopped it (OTP: `shutdown`)."""


class Killed(Message):
    """It did not stop within its shutdown time and was killed (OTP: `killed`)."""


class NodeLost(Message):
    """The node it lived on can no longer be reached (OTP: `noconnection`)."""


class Failed(Message, dict=True):
    """A handler, a hook or the constructor raised.

    `error_type` is the exception's class name, `text` its text, `traceback` the formatted stack
    without the engine's frames.
    """

    error_type: str
    text: str
    traceback: str

    @property
    def cause(self) -> BaseException | None:
        """The exception itself, in the process where it was raised; else None."""
        cause = self.__dict__.get("cause_")
        return cause if isinstance(cause, BaseException) else None

    @classmethod
    def of(cls, error: BaseException, traceback: str) -> Failed:
        """The reason for an actor's end by `error`."""
        # msgspec hides a Struct of plain strings from the collector, for good; but the exception
        # leads to the actor and back, so for a moment there is something else in it
        tracked: Any = [traceback]
        reason = cls(type(error).__name__, text_of(error), tracked)
        msgspec.structs.force_setattr(reason, "traceback", traceback)
        msgspec.structs.force_setattr(reason, "cause_", error)
        return reason


ExitReason: TypeAlias = Normal | Shutdown | Killed | NodeLost | Failed


class Down(Message):
    """A monitored actor's incarnation ended (OTP: `'DOWN'`).

    `restarting` tells whether another incarnation follows; exactly one `Down` with False, the
    last, is delivered for each monitor.
    """

    ref: AnyRef
    path: str
    reason: ExitReason
    incarnation: int
    restarting: bool


class Exit(Message):
    """A linked actor's incarnation ended, and this one traps exits (OTP: `'EXIT'`)."""

    ref: AnyRef
    path: str
    reason: ExitReason


DeadReason: TypeAlias = Literal[
    "not_accepted",
    "stopped",
    "failed",
    "killed",
    "expired",
    "cancelled",
    "overflow",
    "no_such_actor",
]


class DeadLetter(Message):
    """A message that nobody handled, for whom it was, and why."""

    message: object
    ref: AnyRef
    path: str
    reason: DeadReason


class Started(Message):
    """An incarnation's `pre_start` has returned."""

    ref: AnyRef
    path: str
    incarnation: int


class Crashed(Message):
    """An incarnation failed."""

    ref: AnyRef
    path: str
    incarnation: int
    reason: ExitReason


class Restarting(Message):
    """An incarnation is over, and another one will follow in its slot."""

    ref: AnyRef
    path: str
    incarnation: int
    reason: ExitReason


class Ended(Message):
    """An actor is over for good."""

    ref: AnyRef
    path: str
    incarnation: int
    reason: ExitReason


class Stuck(Message):
    """A killed handler has not ended; `stack` is where it is.  Published every second."""

    ref: AnyRef
    path: str
    stack: str


CircuitState: TypeAlias = Literal["closed", "open", "half_open"]


class CircuitChanged(Message):
    """A `breaker` opened, let a trial through (`half_open`), or closed; `ref` is behind it."""

    ref: AnyRef
    path: str
    state: CircuitState


SystemLimit: TypeAlias = Literal["max_actors", "max_queued"]


class Overloaded(Message):
    """A limit of the system refused something for the first time since it was `Relieved`."""

    path: str
    limit: SystemLimit
    most: int


class Relieved(Message):
    """What the limit counts has fallen to three quarters of it."""

    path: str
    limit: SystemLimit
    most: int


LifecycleEvent: TypeAlias = (
    Started | Crashed | Restarting | Ended | Stuck | CircuitChanged | Overloaded | Relieved
)

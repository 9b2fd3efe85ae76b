"""Every exception of the toolkit.

Each one says what happened, where, why, and how to mend it, and carries a code that never
changes.  All derive from `ActorError`; those that stand for a builtin situation also derive from
the builtin (`AskTimeout` is a `TimeoutError`), so that code which knows nothing of actors can
handle them.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "ActorError",
    "ActorStopped",
    "AskCycle",
    "AskTimeout",
    "BadArgument",
    "CircuitOpen",
    "HandlerFailed",
    "IllegalTransition",
    "MailboxFull",
    "NameTaken",
    "NoSystem",
    "NotAccepted",
    "ProtocolError",
    "RateLimited",
    "Refused",
    "RestartIntensityExceeded",
    "StartFailed",
    "Unhealthy",
    "TooManyActors",
    "WrongThread",
]


class ActorError(Exception):
    """The root of all errors that the toolkit raises.

    `code` is stable across releases; `what`, `where`, `why` and `mend` are the parts of the text.
    """

    code: ClassVar[str] = "RT000"

    def __init__(self, what: str, *, where: str = "", why: str = "", mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.mend = mend

    def __str__(self) -> str:
        lines = [f"{self.code} {self.what}"]
        parts = (("where", self.where), ("why", self.why), ("mend", self.mend))
        lines += [f"  {label:<5}  {text}" for label, text in parts if text]
        return "\n".join(lines)


class ProtocolError(ActorError, TypeError):
    """Raised when an actor or message class is declared wrongly, at import or at first use."""

    code = "RT001"


class BadArgument(ActorError, ValueError):
    """Raised when an argument has a value that cannot work, such as a negative timeout."""

    code = "RT002"


class NoSystem(ActorError, RuntimeError):
    """Raised when a verb is used on an actor that no system runs, or on a system not entered."""

    code = "RT003"


class WrongThread(ActorError, RuntimeError):
    """Raised when a ref is used from a thread other than its system's."""

    code = "RT004"


class NameTaken(ActorError, ValueError):
    """Raised when an actor is spawned or registered under a name that a live actor holds."""

    code = "RT005"


class StartFailed(ActorError):
    """Raised when an actor's constructor or `pre_start` raised; the cause is chained."""

    code = "RT010"


class ActorStopped(ActorError):
    """Raised when the actor, or its system, stopped before the request was answered."""

    code = "RT011"


class HandlerFailed(ActorError):
    """Raised at the asker when the handler of its request failed; the cause is chained."""

    code = "RT012"


class NotAccepted(ActorError):
    """Raised when the actor does not accept the message in its current behaviour."""

    code = "RT013"


class IllegalTransition(ActorError):
    """Raised by `become` or `unbecome` for a transition that is not there to take."""

    code = "RT014"


class AskTimeout(ActorError, TimeoutError):
    """Raised when no reply came within the ask's deadline."""

    code = "RT015"


class AskCycle(ActorError):
    """Raised when a wait would close a cycle of actors that wait for each other.

    `cycle` holds the paths, the first one repeated at the end.
    """

    code = "RT016"

    def __init__(self, cycle: tuple[str, ...]) -> None:
        super().__init__(
            "this wait would never end: the actors wait for each other",
            where=" -> ".join(cycle),
            why="an actor handles one message at a time, also while it waits",
            mend="ask with self.pipe(ref.ask(...), Ok, Failed), or turn one ask into a tell",
        )
        self.cycle = cycle


class MailboxFull(ActorError):
    """Raised when a bounded mailbox, the stash, or the whole system has no room for the message."""

    code = "RT017"


class RestartIntensityExceeded(ActorError):
    """Raised when children failed more often than their supervisor may restart them.

    The supervisor ends with it; its cause is the last failure (OTP:
    `reached_max_restart_intensity`).
    """

    code = "RT019"


class Unhealthy(ActorError):
    """The failure of an actor that did not pass its supervisor's health checks."""

    code = "RT020"


class Refused(ActorError):
    """Raised *by* a request handler to refuse: an answer to the asker, not a crash.

    `payload` is whatever the handler gives; the actor goes on (OTP: `{reply, {error, Why}}`).
    """

    code = "RT018"

    def __init__(self, payload: object) -> None:
        super().__init__(str(payload))
        self.payload = payload

    def __str__(self) -> str:
        return str(self.payload)


class CircuitOpen(ActorError):
    """Raised by a breaker that is open: the actor behind it failed too often, and was not asked."""

    code = "RT021"


class RateLimited(ActorError):
    """Raised by a limited ref for a request above its rate; the actor was not asked."""

    code = "RT022"


class TooManyActors(ActorError):
    """Raised by `spawn` when the system has as many actors as `max_actors` allows."""

    code = "RT023"

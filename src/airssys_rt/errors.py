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
    "Counterexample",
    "ForeignAwait",
    "HandlerFailed",
    "IllegalTransition",
    "LawBroken",
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
    "Unsendable",
    "WorkerDied",
    "WorkersFull",
    "WrongThread",
]


class ActorError(Exception):
    """The root of all errors that the toolkit raises.

    `code` is stable across releases; `what`, `where`, `why` and `mend` are the parts of the text.
    `remedy` says in general what `mend` says of the case.
    """

    code: ClassVar[str] = "RT000"
    remedy: ClassVar[str] = "see the text of the error"

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
    """Raised when an actor or message class is declared wrongly, at import or at first use.

    Also when a name is used with another type, and when, with `strict_wire`, a message cannot be
    encoded.
    """

    code = "RT001"
    remedy = "change the class as the text says"


class BadArgument(ActorError, ValueError):
    """Raised when an argument has a value that cannot work, such as a negative timeout."""

    code = "RT002"
    remedy = "give another value"


class NoSystem(ActorError, RuntimeError):
    """Raised when a verb is used on an actor that no system runs, or on a system not entered.

    Also where there is no event loop.
    """

    code = "RT003"
    remedy = "spawn the actor; use `async with` or `blocking`"


class WrongThread(ActorError, RuntimeError):
    """Raised when a ref, a group or a topic is used from a thread other than its system's."""

    code = "RT004"
    remedy = "`tell_from_thread`, or `blocking`"


class NameTaken(ActorError, ValueError):
    """Raised when an actor is spawned or registered under a name that a live actor holds."""

    code = "RT005"
    remedy = "another name, or stop the holder first"


class StartFailed(ActorError):
    """Raised when an actor's constructor or `pre_start` raised; the cause is chained."""

    code = "RT010"
    remedy = "mend what raised"


class ActorStopped(ActorError):
    """Raised when the actor, or its system, stopped before the request was answered."""

    code = "RT011"
    remedy = "monitor it; ask another one"


class HandlerFailed(ActorError):
    """Raised at the asker when the handler of its request failed; the cause is chained.

    Also when the `ReplyTo` of the request was dropped unanswered.
    """

    code = "RT012"
    remedy = "mend the handler; to refuse, raise `Refused`"


class NotAccepted(ActorError):
    """Raised when the actor does not accept the message in its current behaviour.

    With `debug`, also when a message outside of the union is told.
    """

    code = "RT013"
    remedy = 'send what it takes; `unhandled = "stash"`'


class IllegalTransition(ActorError):
    """Raised by `become` or `unbecome` for a transition that is not there to take.

    `become` leads where `flow` does not, or `unbecome` has nothing to go back to.
    """

    code = "RT014"
    remedy = "add the transition to `flow`; push first"


class AskTimeout(ActorError, TimeoutError):
    """Raised when no reply came within the ask's deadline."""

    code = "RT015"
    remedy = "a longer `timeout`; find what holds the actor"


class AskCycle(ActorError):
    """Raised when a wait would close a cycle of actors that wait for each other.

    `cycle` holds the paths, the first one repeated at the end.
    """

    code = "RT016"
    remedy = "`self.pipe(ref.ask(...), ...)`, or a `tell`"

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
    remedy = "`await ref.send(...)`; another overflow policy; a larger bound"


class RestartIntensityExceeded(ActorError):
    """Raised when children failed more often than their supervisor may restart them.

    The supervisor ends with it; its cause is the last failure (OTP:
    `reached_max_restart_intensity`).
    """

    code = "RT019"
    remedy = "mend what fails; allow more with `intensity`, `period`"


class Unhealthy(ActorError):
    """The failure of an actor that did not pass its supervisor's health checks."""

    code = "RT020"
    remedy = "see what holds its handlers; give `.health(...)` more time"


class Refused(ActorError):
    """Raised *by* a request handler to refuse: an answer to the asker, not a crash.

    `payload` is whatever the handler gives; the actor goes on (OTP: `{reply, {error, Why}}`).
    """

    code = "RT018"
    remedy = "an answer, not a fault"

    def __init__(self, payload: object) -> None:
        super().__init__(str(payload))
        self.payload = payload

    def __str__(self) -> str:
        return str(self.payload)


class CircuitOpen(ActorError):
    """Raised by a breaker that is open: the actor behind it failed too often, and was not asked."""

    code = "RT021"
    remedy = "do without; ask again later"


class RateLimited(ActorError):
    """Raised by a limited ref for a request above its rate; the actor was not asked."""

    code = "RT022"
    remedy = "ask less often; `await ref.send(...)`"


class TooManyActors(ActorError):
    """Raised by `spawn` when the system has as many actors as `max_actors` allows."""

    code = "RT023"
    remedy = "spawn later; stop what is not needed"


class WorkersFull(Refused):
    """Raised by offloaded work when all workers are busy and as many wait as their queue allows.

    It is a refusal: out of a request's handler it goes to the asker, and the actor goes on.
    """

    code = "RT040"
    remedy = "ask later; a longer `queue`, a larger `limit`"

    def __init__(self, what: str, *, why: str = "", mend: str = "") -> None:
        ActorError.__init__(self, what, why=why, mend=mend)
        self.payload = what

    def __str__(self) -> str:
        return ActorError.__str__(self)


class Unsendable(ActorError, TypeError):
    """Raised by offloaded work that pickle cannot take to a process or an interpreter, or back."""

    code = "RT041"
    remedy = "plain values and messages; functions at the top of a module"


class WorkerDied(ActorError):
    """Raised by offloaded work whose worker process or interpreter ended before it returned."""

    code = "RT042"
    remedy = "see what ended it: memory, `os._exit`, a fault in C code"


class LawBroken(ActorError, AssertionError):
    """Raised in a simulated world when a law, an invariant or an expectation does not hold."""

    code = "RT030"
    remedy = "see the trace for the steps that led there"


class ForeignAwait(ActorError, RuntimeError):
    """Raised by the test tools that run without an event loop, at an await that needs one.

    Asks, sends and the other waits of this library do not.
    """

    code = "RT031"
    remedy = "put what is foreign behind an actor; `world.sleep`; a live system with `VirtualTime`"


class Counterexample(ActorError, AssertionError):
    """Raised by `explore` with the schedule, made small, under which a scenario fails.

    `token` replays it; `chart` and `mermaid` show it; `test` keeps it; `choices` counts where it
    differs from send order.
    """

    code = "RT032"
    remedy = "`replay` the schedule; mend the actor, or the scenario"

    token = ""
    chart = ""
    mermaid = ""
    test = ""
    choices = 0
    body = ""
    brief = False  # the body is shown elsewhere

    def __str__(self) -> str:
        text = super().__str__()
        return f"{text}\n\n{self.body}" if self.body and not self.brief else text

    def found(self) -> Counterexample:
        """The failure with its smallest schedule."""
        return self

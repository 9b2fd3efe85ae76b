"""The circuit breaker: an actor that keeps failing its askers is left alone for a while.

`Circuit` decides, and knows no clock nor actor; `BreakerRef` asks it before each message and tells
it what came of each ask.  The states are those of Nygard's pattern:

    closed     everything passes; so many failed asks in a row open it
    open       nothing passes, until `reset_after` seconds are over
    half_open  one ask passes, the trial: its outcome closes the circuit, or opens it again

Laws: only asks count, by their outcome; one that began before the circuit last changed counts no
more; at most one trial is on its way, and a trial without an outcome (cancelled) makes room for
another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeAlias

from typing_extensions import TypeVar

from airssys_rt.core.signals import CircuitChanged
from airssys_rt.errors import (
    ActorError,
    ActorStopped,
    AskCycle,
    AskTimeout,
    BadArgument,
    CircuitOpen,
    HandlerFailed,
    MailboxFull,
    NotAccepted,
    ProtocolError,
    RateLimited,
    WrongThread,
)
from airssys_rt.kernel.ref import ActorRef, check_timeout
from airssys_rt.naming.wrapped import WrappedRef

if TYPE_CHECKING:
    from airssys_rt.core.message import RequestFor
    from airssys_rt.core.signals import CircuitState

__all__ = ["BreakerRef", "Circuit", "Outcome", "breaker"]

M = TypeVar("M")
M_contra = TypeVar("M_contra", contravariant=True)
R = TypeVar("R")

# of an ask; "void" says nothing about the actor
Outcome: TypeAlias = Literal["answered", "failed", "void"]
Happening: TypeAlias = Literal["answered", "failed", "due"]

# what happens in which state leads where; all else changes nothing
CHANGES: Final[dict[tuple[CircuitState, Happening], CircuitState]] = {
    ("closed", "failed"): "open",  # when it was one too many
    ("open", "due"): "half_open",
    ("half_open", "answered"): "closed",
    ("half_open", "failed"): "open",
}

FAILED = (HandlerFailed, AskTimeout, ActorStopped, MailboxFull)
# mistakes of the asker's, and refusals of other guards: the actor was not asked
VOID = (
    AskCycle,
    BadArgument,
    CircuitOpen,
    NotAccepted,
    ProtocolError,
    RateLimited,
    WrongThread,
)


def outcome_of(error: BaseException) -> Outcome:
    """What an exception of an ask says about the actor; that it refuses says that it works."""
    if isinstance(error, FAILED):
        return "failed"
    if isinstance(error, VOID) or not isinstance(error, Exception):  # such as a cancellation
        return "void"
    return "answered"


class Circuit:
    """The state of a breaker; times are given to it."""

    __slots__ = ("changes", "failed", "failures", "reset_after", "since", "state", "trial")

    def __init__(self, failures: int, reset_after: float) -> None:
        self.failures = failures
        self.reset_after = reset_after
        self.state: CircuitState = "closed"
        self.failed = 0  # asks in a row
        self.since = 0.0  # when it opened
        self.trial = False  # one is on its way
        self.changes = 0

    def admits(self, now: float) -> bool:
        """Whether an ask may begin at `now`; if so it has begun."""
        if self.state == "open" and now >= self.since + self.reset_after:
            self._change("due", now)
        if self.state == "half_open" and not self.trial:
            self.trial = True
            return True
        return self.state == "closed"

    def settle(self, begun: int, outcome: Outcome, now: float) -> None:
        """An ask is over that began after so many `changes`."""
        if begun != self.changes:
            return
        self.trial = False
        if outcome == "answered":
            self.failed = 0
        elif outcome == "failed":
            self.failed += 1
        if outcome == "void" or (self.state == "closed" and self.failed < self.failures):
            return
        self._change(outcome, now)

    def _change(self, happening: Happening, now: float) -> None:
        target = CHANGES.get((self.state, happening))
        if target is not None:
            self.state = target
            self.changes += 1
            self.trial = False
            self.failed = 0
            if target == "open":
                self.since = now


class BreakerRef(WrappedRef[M_contra]):
    """A ref through a circuit breaker."""

    __slots__ = ("_circuit",)

    def __init__(self, target: ActorRef[M_contra], circuit: Circuit) -> None:
        super().__init__(target)
        self._circuit = circuit

    async def send(self, msg: M_contra, /) -> None:
        """Send, and wait for room; raises `CircuitOpen` at once unless the circuit is closed."""
        await self._enter()
        error = self._refusal()
        if error is not None:
            raise error()
        await self._target.send(msg)

    async def ask(self, msg: RequestFor[M_contra, R], /, *, timeout: float | None = 5.0) -> R:
        """Send a request and wait for its reply; raises `CircuitOpen` at once if it is open."""
        scheduler = await self._enter()
        circuit, now = self._circuit, scheduler.now
        state = circuit.state
        admitted = circuit.admits(now())
        self._announce(state)
        if not admitted:
            raise self._error()
        begun = circuit.changes
        outcome: Outcome = "answered"
        try:
            return await self._target.ask(msg, timeout=timeout)
        except BaseException as error:
            outcome = outcome_of(error)
            raise
        finally:
            state = circuit.state
            circuit.settle(begun, outcome, now())
            self._announce(state)

    def _refusal(self) -> Callable[[], ActorError] | None:
        return None if self._circuit.state == "closed" else self._error

    def _around(self, target: ActorRef[Any]) -> Self:
        return type(self)(target, self._circuit)

    def _error(self) -> CircuitOpen:
        circuit = self._circuit
        if circuit.state == "half_open":
            why = "it failed before, and a trial ask has not been answered yet"
        else:
            left = max(0.0, circuit.since + circuit.reset_after - self._cell.scheduler.now())
            why = f"it keeps failing its askers; the next trial is in {left:.3g} s"
        return CircuitOpen(
            f"the circuit to {self._cell.path} is open",
            why=why,
            mend="do without the reply, or ask again later; the failures themselves are the cause",
        )

    def _announce(self, before: CircuitState) -> None:
        """Publish the state, if it is another one than `before`."""
        state = self._circuit.state
        if state != before:
            cell = self._cell
            scheduler = cell.scheduler
            if scheduler.observed:
                ref = scheduler.make_ref(cell)
                scheduler.port.event(CircuitChanged(ref, cell.path, state))


def breaker(ref: ActorRef[M], /, *, failures: int = 5, reset_after: float = 30.0) -> ActorRef[M]:
    """A ref to the same actor that fails fast when asking it has failed too often.

    `failures` asks in a row that end in `HandlerFailed`, `AskTimeout`, `ActorStopped` or
    `MailboxFull` open the circuit.  Then `ask` and `send` raise `CircuitOpen` at once, and what is
    told becomes a dead letter (`overflow`).  When `reset_after` seconds are over, one ask is let
    through: if it is answered the circuit closes, if it fails it opens again.  A refusal
    (`Refused`) is an answer.  All who are to share the circuit share the ref.  Raises
    `BadArgument`.
    """
    if failures < 1 or failures != int(failures):
        raise BadArgument(
            f"a breaker that opens after {failures!r} failures makes no sense",
            mend="give a number of failures, 1 or more",
        )
    check_timeout(reset_after)
    return BreakerRef(ref, Circuit(failures, reset_after))

"""What an actor did to the world, as data: an `ActorKit` lists these in the order of the deeds.

They are compared by value, so that a test writes `assert kit.effects == [Sent(bank, Deposit(5))]`.
A dead letter stands among them as the `DeadLetter` that it is everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from airssys_rt.core.signals import DeadLetter

if TYPE_CHECKING:
    from airssys_rt.core.ref import AnyRef
    from airssys_rt.core.signals import ExitReason

__all__ = [
    "Asked",
    "Became",
    "Demonitored",
    "Effect",
    "Forwarded",
    "Linked",
    "Monitored",
    "Piped",
    "PutNext",
    "Sent",
    "Spawned",
    "Stashed",
    "StopSent",
    "Stopped",
    "TimerCancelled",
    "TimerSet",
    "Unbecame",
    "Unlinked",
    "Unstashed",
]


@dataclass(frozen=True)
class Sent:
    """A message was told, or sent, to another actor; by a timer too, when it was due."""

    to: AnyRef
    message: object


@dataclass(frozen=True)
class Asked:
    """A request was asked of another actor."""

    to: AnyRef
    message: object


@dataclass(frozen=True)
class Forwarded:
    """What the actor handled went on to another one, with its asker."""

    to: AnyRef
    message: object


def nothing() -> dict[str, object]:
    """No keyword arguments."""
    return {}


@dataclass(frozen=True)
class Spawned:
    """A child was spawned; `ref`, which is not compared, is the stand-in for it."""

    actor: Callable[..., object]
    args: tuple[object, ...] = ()
    kwargs: Mapping[str, object] = field(default_factory=nothing)
    name: str | None = None
    # Any: the stand-in takes whatever the child's class takes
    ref: Any = field(default=None, compare=False)


@dataclass(frozen=True)
class StopSent:
    """Another actor was told to stop."""

    to: AnyRef


@dataclass(frozen=True)
class Became:
    """The behaviour changed to the one of this name."""

    name: str
    push: bool = False


@dataclass(frozen=True)
class Unbecame:
    """The behaviour went back to the one of this name."""

    name: str


@dataclass(frozen=True)
class TimerSet:
    """A timer was set; `key` is None if none was given, `to` if it is the actor's own."""

    seconds: float
    message: object
    key: Hashable = None
    every: bool = False
    to: AnyRef | None = None


@dataclass(frozen=True)
class TimerCancelled:
    """A timer was cancelled, or replaced, before its message was handled."""

    message: object
    key: Hashable = None


@dataclass(frozen=True)
class Monitored:
    """Another actor is monitored from now on."""

    target: AnyRef


@dataclass(frozen=True)
class Demonitored:
    """Another actor is not monitored any more."""

    target: AnyRef


@dataclass(frozen=True)
class Linked:
    """The actor is linked with another one."""

    target: AnyRef


@dataclass(frozen=True)
class Unlinked:
    """The link with another actor was taken away."""

    target: AnyRef


@dataclass(frozen=True)
class Stashed:
    """A message was put aside, by `stash()` or by `unhandled = "stash"`."""

    message: object


@dataclass(frozen=True)
class Unstashed:
    """So many messages came back from the stash."""

    count: int


@dataclass(frozen=True)
class PutNext:
    """A message is handled before the mailbox, by `next()`."""

    message: object


@dataclass(frozen=True)
class Piped:
    """Work was started beside the actor; `work` is the name of its coroutine function."""

    work: str


@dataclass(frozen=True)
class Stopped:
    """The actor's incarnation is over for good."""

    reason: ExitReason


Effect: TypeAlias = (
    Sent
    | Asked
    | Forwarded
    | Spawned
    | StopSent
    | Became
    | Unbecame
    | TimerSet
    | TimerCancelled
    | Monitored
    | Demonitored
    | Linked
    | Unlinked
    | Stashed
    | Unstashed
    | PutNext
    | Piped
    | Stopped
    | DeadLetter
)

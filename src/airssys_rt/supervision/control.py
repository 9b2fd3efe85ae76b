"""The control protocol of supervisors: what they can be asked (OTP: `supervisor`'s calls)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias

import msgspec
from typing_extensions import TypeVar

from airssys_rt.core.message import Request
from airssys_rt.core.ref import AnyRef, Receiver
from airssys_rt.kernel.props import Props, Restart
from airssys_rt.kernel.ref import ActorRef

__all__ = [
    "AnyStart",
    "ChildCount",
    "ChildInfo",
    "CountChildren",
    "DeleteChild",
    "RestartChild",
    "StartChild",
    "SupervisorMsg",
    "TerminateChild",
    "WhichChildren",
]

M = TypeVar("M")


class ChildInfo(msgspec.Struct, frozen=True):
    """One child: its id (its name, or one made for it), and how it is.

    `ref` is None for one that was terminated; `restarts` counts those of its slot.
    """

    id: str
    ref: AnyRef | None
    state: Literal["starting", "running", "stopping", "restarting", "stopped"]
    kind: Literal["worker", "supervisor"]
    restart: Restart
    restarts: int


class ChildCount(msgspec.Struct, frozen=True):
    """How many children there are: specifications, live ones, and how many are of which kind."""

    specs: int
    active: int
    supervisors: int
    workers: int


class WhichChildren(Request[tuple[ChildInfo, ...]]):
    """The children, in their start order (OTP: `which_children`)."""


class CountChildren(Request[ChildCount]):
    """How many children there are (OTP: `count_children`)."""


if TYPE_CHECKING:
    # A union with `StartChild[Any]` in it would make checkers take every new one for that.  To
    # them the union holds what a supervisor hears, and asking with a `StartChild[M]` gives its ref.

    class AnyStart(Request[ActorRef[Any]]):
        """What a supervisor hears when it is asked to start a child."""

        props: Props[Any]

    class StartChild(Generic[M]):
        """Start a child, the last in the order."""

        def __init__(self, props: Props[M]) -> None: ...

        @property
        def props(self) -> Props[M]:
            """The child's."""
            ...

        def __ask__(self, ref: Receiver[AnyStart], /) -> ActorRef[M]: ...

else:

    class StartChild(Request[ActorRef[M]], Generic[M]):
        """Start a child, the last in the order (OTP: `start_child`).

        Answered with its ref when its `pre_start` has returned; `StartFailed` if it did not start,
        `NameTaken`, `Refused` if a `DynamicSupervisor` has `max_children`.
        """

        props: Props[M]

    AnyStart = StartChild


class TerminateChild(Request[None]):
    """Stop a child, by its id or ref; answered when it is over (OTP: `terminate_child`).

    A `Supervisor` keeps its specification, unless it is temporary.  `Refused` if there is none.
    """

    if TYPE_CHECKING:
        child: str | AnyRef
    else:
        child: Any  # msgspec knows no union with a class of others


class RestartChild(Request[AnyRef]):
    """Start a terminated child again; its refs are new ones (OTP: `restart_child`).

    `Refused` if there is none, or if it runs; `StartFailed`.
    """

    child: str


class DeleteChild(Request[None]):
    """Forget a terminated child (OTP: `delete_child`).  `Refused` if there is none, or it runs."""

    child: str


# Any: children of every protocol
SupervisorMsg: TypeAlias = (
    WhichChildren | CountChildren | AnyStart | TerminateChild | RestartChild | DeleteChild
)

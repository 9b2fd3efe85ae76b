"""What groups, topics and the registry have in common: who may use them, and how they send.

Laws: a use in a wrong thread, or of a closed system, is an error; a receiver that does not take a
message is no error of the sender's, but a dead letter with its reason.
"""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING, Any

from typing_extensions import TypeVar

from airssys_rt.core.name import Name
from airssys_rt.core.union import place, same_union
from airssys_rt.errors import ActorError, BadArgument, ProtocolError, WrongThread
from airssys_rt.kernel.ref import UNSENT, ActorRef, cell_of

if TYPE_CHECKING:
    from airssys_rt.core.signals import DeadReason
    from airssys_rt.kernel.scheduler import Scheduler

__all__ = ["agreed", "check_name", "check_use", "offer"]

M = TypeVar("M")


def check_use(scheduler: Scheduler, what: str) -> None:
    """Raise unless the system is open and this is its thread."""
    scheduler.check_open()
    if scheduler.here() is not scheduler.home and get_ident() != scheduler.thread:
        raise WrongThread(
            f"{what} was used from another thread than its system's",
            why="the engine runs in one thread and takes no locks",
            mend="tell an actor of the system with ref.tell_from_thread(msg), and let it do this",
        )


def check_name(name: object) -> None:
    """Raise unless it is a `Name`."""
    if not isinstance(name, Name):
        raise BadArgument(
            f"{name!r} is no name",
            why="a name carries the type of what is sent under it",
            mend='give a Name[M]("...")',
        )


def offer(ref: ActorRef[M], msg: M) -> None:
    """Tell one of many; what it does not take becomes a dead letter."""
    reason: DeadReason
    try:
        ref.tell(msg)
        return
    except ActorError as error:
        reason = UNSENT.get(type(error), "not_accepted")
    except Exception:  # wire mode runs code of the message's class
        reason = "not_accepted"
    cell = cell_of(ref)
    cell.scheduler.refuse(msg, cell, reason)


# Any: the unions of names of every type
def agreed(kind: str, name: Name[Any], known: Any) -> Any:
    """The union that a name promises, None if it is not known.

    Raises `ProtocolError` if it is another one than was known.
    """
    wanted = name.accepts
    if known is None or wanted is None:
        return wanted if known is None else known
    if not same_union(known, wanted):
        raise ProtocolError(
            f"the {kind} {name.text!r} is of {shown(known)}, not of {shown(wanted)}",
            why=f"a name stands for one {kind} of a system, which has one type",
            mend="use one Name constant everywhere, or another text",
        )
    return known


def shown(union: Any) -> str:
    """A type argument as text."""
    return place(union) if isinstance(union, type) else str(union)

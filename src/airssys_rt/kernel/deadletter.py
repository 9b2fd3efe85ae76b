"""Dead letters: what becomes of messages that nobody will handle.

Law: each is published once, with its reason, and whoever asked is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.core.signals import DeadLetter
from airssys_rt.errors import ActorStopped
from airssys_rt.kernel.mailbox import Adapted, Control, Notice, full_error
from airssys_rt.kernel.waits import Call

if TYPE_CHECKING:
    from airssys_rt.core.signals import DeadReason
    from airssys_rt.errors import ActorError
    from airssys_rt.kernel.cell import Cell

__all__ = ["bury", "refuse", "stopped_error"]

# Any throughout: messages of every protocol


def refusal(cell: Cell, reason: DeadReason) -> ActorError:
    """What the asker gets of a request that nobody will handle."""
    if reason == "overflow":
        limits = cell.scheduler.limits
        return full_error(cell) if limits is None or not limits.full else limits.full_error(cell)
    return stopped_error(cell, reason)


def stopped_error(cell: Cell, reason: DeadReason) -> ActorStopped:
    """What an asker of an actor that is over gets."""
    if reason == "no_such_actor":
        return ActorStopped(
            f"no actor has the name {cell.label}",
            why="nobody is registered under it, or who was is over",
            mend="spawn the actor with props(...).named(NAME) first; named(...) registers a Name,"
            " and not a str",
        )
    error = ActorStopped(
        f"{cell.path} stopped before it answered",
        why=f"the actor is over or stopping ({reason})",
        mend="await ref.stopped() gives the reason; an actor is told of it with monitor(ref)",
    )
    error.__cause__ = cell.start_error
    return error


def refuse(item: Any, cell: Cell, reason: DeadReason) -> None:
    """An item that nobody will handle: a dead letter, and an error for its asker."""
    if isinstance(item, Call):
        if item.expired:
            reason = "expired"
        elif not item.fail(refusal(cell, reason)):
            reason = "cancelled"
        bury(item.msg, cell, reason)
    elif isinstance(item, Notice):
        if item.source.live:
            bury(item.msg, cell, reason)
            item.source.taken()
    elif isinstance(item, Adapted):
        refuse(item.msg, cell, reason)
    elif not isinstance(item, Control):
        bury(item, cell, reason)


def bury(msg: Any, cell: Cell, reason: DeadReason) -> None:
    """Publish a message that nobody handled."""
    scheduler = cell.scheduler
    scheduler.port.dead_letter(DeadLetter(msg, scheduler.make_ref(cell), cell.path, reason))

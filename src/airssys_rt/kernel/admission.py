"""What a mailbox lets in: the debug check, the wire trip, and the error for what is foreign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.core.signals import DeadLetter
from airssys_rt.errors import NotAccepted
from airssys_rt.kernel.mailbox import Adapted, Control, Notice
from airssys_rt.kernel.waits import Call

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Cell

__all__ = ["admit", "not_accepted"]

# Any throughout: messages of every protocol


def not_accepted(cell: Cell, msg: Any) -> NotAccepted:
    """The error for a message that the behaviour does not accept."""
    state = cell.state
    accepted = [*state.sync, *state.coro] if state is not None else []
    names = " | ".join(sorted(key.__name__ for key in accepted))
    if isinstance(msg, type):
        return NotAccepted(
            f"{cell.path} was sent the class {msg.__name__}, not a message",
            why=f"it accepts {names}" if names else "it has not started",
            mend=f"make one: {msg.__name__}(...)",
        )
    return NotAccepted(
        f"{cell.path} does not accept {type(msg).__name__}",
        where=f"behaviour {state.name if state is not None else '?'}",
        why=f"it accepts {names}" if names else "it has not started",
        mend="send what it accepts, add a handler, or set unhandled = 'stash' in the class",
    )


def admit(cell: Cell, item: Any) -> Any:
    """The debug check and the wire trip of a message on its way into a mailbox."""
    scheduler = cell.scheduler
    if isinstance(item, (Control, Notice)):
        return item
    adapted = item if isinstance(item, Adapted) else None
    inner = item if adapted is None else adapted.msg
    call = inner if isinstance(inner, Call) else None
    msg = call.msg if call is not None else inner
    if scheduler.debug and adapted is None and cell.recipe is not None:
        maker = cell.factory if cell.actor is None else type(cell.actor)
        protocol = getattr(maker, "__protocol__", None)
        members = protocol.members if protocol is not None else None
        if members is not None and type(msg) not in members:
            raise not_accepted(cell, msg)
    # a dead letter is the engine's own, and holds a message of whatever type
    if scheduler.wire is not None and type(msg) is not DeadLetter:
        msg = scheduler.wire.message(msg, cell.path)
        if call is not None:
            call.msg = msg
        elif adapted is not None:
            adapted.msg = msg
        else:
            return msg
    return item

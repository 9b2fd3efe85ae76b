"""Passing on what is being handled: who must answer, and who waits for whom then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.core.message import Replies
from airssys_rt.errors import BadArgument
from airssys_rt.kernel.ref import ActorRef, cell_of
from airssys_rt.kernel.stash import current_item
from airssys_rt.kernel.waits import Call, cycle_error, would_cycle

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Cell

__all__ = ["current_call", "forward"]

# Any: messages and replies of every protocol


def current_call(cell: Cell, msg: Replies[Any]) -> Call | None:
    """The ask that `msg` came with; None if it was told.  Raises `BadArgument` for another."""
    item = current_item(cell)
    current = item.msg if isinstance(item, Call) else item
    if current is not msg:
        raise BadArgument(
            f"defer() got a {type(msg).__name__} that is not being handled",
            where=cell.path,
            why="only the handler of a request can defer its reply",
            mend="give defer() the handler's own argument, before the handler returns",
        )
    return item if isinstance(item, Call) else None


def forward(cell: Cell, ref: ActorRef[Any], msg: Any) -> None:
    """Send `msg` to another actor, which answers the present asker in this one's place."""
    item = current_item(cell)
    if not isinstance(item, Call) or item.done:
        ref.tell(msg)
        return
    target = cell_of(ref)
    asker = item.asker
    if asker is not None and not item.gone:
        waits = would_cycle(asker, target)
        if waits is not None:
            item.handler = None
            item.fail(cycle_error(asker, target, waits))
            return
    item.handler = None
    item.target = target
    item.msg = msg
    ref.submit(item)

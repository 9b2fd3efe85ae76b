"""The inline ask: before an asker suspends, it runs the queue itself.

Mostly the reply is there after one message, and nothing was suspended: no task switch, no waiter,
no deadline.  Laws: sync handlers only, never the asker itself; the queue's order is kept, cells are
only run earlier; a bounded number of messages; a failing handler does not fail the asker's stack,
what follows from the failure is a later step of its own cell.
"""

from __future__ import annotations

from time import perf_counter
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from airssys_rt.core.message import Later
from airssys_rt.kernel import steps
from airssys_rt.kernel.mailbox import EMPTY
from airssys_rt.kernel.reply import ReplyTo
from airssys_rt.kernel.stash import current_item
from airssys_rt.kernel.waits import OPEN, Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.scheduler import Scheduler

__all__ = ["ask_directly", "run_inline"]

LIMIT = 64  # messages
# what a handler returns when it has not replied; other results need no second look
SPECIAL = frozenset({Later, ReplyTo, CoroutineType})


def run_inline(scheduler: Scheduler, call: Call) -> None:
    """Handle ready messages until `call` is answered; sync handlers only, a bounded number."""
    ready = scheduler.ready
    asker = scheduler.current
    wire = scheduler.wire
    left = LIMIT
    while left and ready and call.state == OPEN:
        cell = ready[0]
        scheduler.current = cell
        while True:
            box = cell.box
            item: object = cell.first if box is cell else box[0] if box else EMPTY
            ask = item if type(item) is Call else None
            msg: object = item if ask is None else ask.msg
            handler = cell.find(type(msg))
            if handler is None or (ask is not None and is_void(scheduler, ask)):
                left = 0
                break
            if cell.box is not box:  # a finalizer or a signal handler told it something
                continue
            if box is cell:
                cell.first = EMPTY
            else:
                box.popleft()
            cell.msg = item
            cell.handled += 1
            left -= 1
            try:
                if ask is None:
                    result = handler(cell.actor, msg)
                    if result is not None:
                        steps.told_inline(cell, result)
                else:
                    ask.handler = cell
                    result = handler(cell.actor, msg)
                    if wire is not None or type(result) in SPECIAL or cell.msg is not item:
                        steps.answered_inline(cell, ask, result)
                    elif not ask.settle(result):
                        scheduler.late_replies += 1
            except BaseException as error:
                steps.fault(cell, item, error)
            if call.state != OPEN or cell.suspension is not None:
                break
            if not left or perf_counter() >= scheduler.slice_end:
                left = 0
                break
        if cell.suspension is not None:
            ready.popleft()
            continue
        cell.msg = None
        if cell.rest():
            ready.popleft()
    scheduler.current = asker
    if scheduler.lane and not ready:
        scheduler.spill()


def is_void(scheduler: Scheduler, call: Call) -> bool:
    """Whether nobody waits for the reply any more, or not for long enough."""
    return call.state != OPEN or (call.deadline > 0 and scheduler.now() >= call.deadline)


# Any: the request, its handler and its reply are the user's
def ask_directly(
    scheduler: Scheduler, cell: Cell, msg: Any, handler: Callable[[Any, Any], Any]
) -> Any:
    """Handle a request of an idle actor by one call, while nothing else is ready, or very much.

    The outcome is the reply; or a `Call`, which only now is made, when there is more to it: the
    handler failed, refused, stashed, forwarded, deferred, or returned a coroutine.
    """
    asker = scheduler.current
    cell.msg = msg
    cell.handled += 1
    scheduler.current = scheduler.asked = cell
    scheduler.asker = asker
    scheduler.awake += 1
    try:
        result = handler(cell.actor, msg)
        if cell.msg is not msg or type(result) in SPECIAL:
            call = scheduler.made or current_item(cell)
            steps.answered_inline(cell, call, result)
            result = call
    except BaseException as error:
        result = scheduler.made or current_item(cell)
        steps.fault(cell, result, error)
    scheduler.asked = scheduler.made = None
    scheduler.current = asker
    scheduler.awake -= 1
    if cell.suspension is None:
        cell.msg = None
        if not cell.rest():
            scheduler.ready.append(cell)
    if scheduler.ready and not scheduler.awake:
        scheduler.port.unpark()
    return result

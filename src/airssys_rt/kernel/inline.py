"""The inline ask: before an asker suspends, it runs the queue itself.

Mostly the reply is there after one message, and nothing was suspended: no task switch, no waiter,
no deadline.  Laws: sync handlers only, never the asker itself; the queue's order is kept, cells are
only run earlier; a bounded number of messages; a failing handler does not fail the asker's stack,
what follows from the failure is a later step of its own cell.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from airssys_rt.kernel import steps
from airssys_rt.kernel.waits import Call

if TYPE_CHECKING:
    from airssys_rt.kernel.scheduler import Scheduler

__all__ = ["run_inline"]

LIMIT = 64  # messages


def run_inline(scheduler: Scheduler, call: Call) -> None:
    """Handle ready messages until `call` is answered; sync handlers only, a bounded number."""
    ready = scheduler.ready
    asker = scheduler.current
    left = LIMIT
    while ready and left and not call.done:
        cell = ready[0]
        box = cell.box
        assert box is not None
        scheduler.current = cell
        while box:
            item: object = box[0]
            handler = cell.fast.get(type(item))
            if handler is not None:
                box.popleft()
                cell.msg = item
                cell.handled += 1
                left -= 1
                try:
                    result = handler(cell.actor, item)
                    if result is not None:
                        steps.told_inline(cell, result)
                except BaseException as error:
                    steps.fault(cell, item, error)
            elif type(item) is Call and steps.is_sync(cell, item):
                box.popleft()
                cell.handled += 1
                left -= 1
                steps.asked_inline(cell, item)
            else:
                left = 0
                break
            if cell.suspended or cell.box is not box or call.done:
                break
            if not left or perf_counter() >= scheduler.slice_end:
                left = 0
                break
        if cell.suspended:
            ready.popleft()
            continue
        cell.msg = None
        box = cell.box
        if not box:
            ready.popleft()
            if box is not None:
                cell.rest(box)
    scheduler.current = asker

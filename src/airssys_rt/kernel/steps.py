"""What a cell does with one mailbox item, other than a plain message for a sync handler.

One function per kind of item, in a table.  Each returns whether the cell may go on with its next
item; False means that it is suspended.  Law: whatever becomes of an item, it is accounted for:
handled, or a dead letter with a reason, and its asker is told.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

from airssys_rt.core.message import Later, Request
from airssys_rt.core.signals import Normal, brief
from airssys_rt.errors import AskTimeout, HandlerFailed, ProtocolError, Refused
from airssys_rt.kernel.admission import admit, not_accepted
from airssys_rt.kernel.deadletter import bury, refuse, stopped_error
from airssys_rt.kernel.failing import crash, end_program
from airssys_rt.kernel.life import killed
from airssys_rt.kernel.lifecycle import ACTIONS
from airssys_rt.kernel.mailbox import (
    Adapted,
    Control,
    DrainStop,
    Errand,
    Notice,
    Parked,
    Start,
    Token,
)
from airssys_rt.kernel.starting import start
from airssys_rt.kernel.stash import stash_item
from airssys_rt.kernel.suspension import park
from airssys_rt.kernel.waits import OPEN, Call

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.waits import Wait

__all__ = [
    "admit",
    "answered_inline",
    "expire",
    "fault",
    "refuse",
    "step",
    "stopped_error",
    "told",
    "told_inline",
]

# Any throughout: messages, replies and handlers of every protocol


def step(cell: Cell, item: object) -> bool:
    """Handle one item."""
    kind = type(item)
    special = STEPS.get(kind)
    if special is not None:
        return special(cell, item)
    cell.msg = item
    state = cell.state
    if state is not None and cell.rich is None:
        handler = state.coro.get(kind)
        if handler is not None:
            return cell.scheduler.drive(cell, handler(cell.actor, item), told_done)
    return deliver(cell, item, None)


def class_of(item: object) -> type[object]:
    """The exact class, which dispatch goes by."""
    return type(item)


def deliver(cell: Cell, msg: Any, call: Call | None) -> bool:
    """Call the handler of a user message, as the behaviour has it."""
    state = cell.state
    if state is None:
        refuse(call or msg, cell, "stopped")
        return True
    rich = cell.rich
    if rich is not None and rich.receive_timeout is not None:
        rich.receive_timeout.last = cell.scheduler.now()
    key = class_of(msg)
    handler = state.sync.get(key)
    if handler is not None:
        result = handler(cell.actor, msg)
        if call is not None:
            return answered(cell, call, result)
        return result is None or told(cell, result)
    handler = state.coro.get(key)
    if handler is not None:
        coro = handler(cell.actor, msg)
        if call is None:
            return cell.scheduler.drive(cell, coro, told_done)
        return cell.scheduler.drive(cell, coro, asked_done)
    return unhandled(cell, msg, call)


# -- results -----------------------------------------------------------------------------------


def is_coroutine(result: Any) -> bool:
    """Whether a sync-looking handler returned work still to be done."""
    return isinstance(result, Coroutine)


def told(cell: Cell, result: Any) -> bool:
    """A handler returned something for a message that nobody asked."""
    if is_coroutine(result):
        return cell.scheduler.drive(cell, result, told_done)
    return True


def told_done(cell: Cell, _result: Any, error: BaseException | None) -> bool:
    """An async handler of a told message is over."""
    if error is not None:
        fault(cell, cell.msg, error)
    return True


def told_inline(cell: Cell, result: Any) -> None:
    """As `told`, on an asker's stack: a coroutine is left to a carrier."""
    if is_coroutine(result):
        park(cell, result, told_done)


def answered(cell: Cell, call: Call, result: Any) -> bool:
    """A sync handler of a request returned."""
    if cell.msg is None:  # stashed: it will be answered when it is handled again
        return True
    if isinstance(result, Later):
        return answered_later(cell, call, result)
    if is_coroutine(result):
        return cell.scheduler.drive(cell, result, asked_done)
    cell.scheduler.answer(call, result)
    return True


def answered_later(cell: Cell, call: Call, result: Later) -> bool:
    """A request handler says that it is answered elsewhere: hold it to that."""
    if call.handler is cell:
        call.fail(
            HandlerFailed(
                f"the handler of {type(call.msg).__name__} returned {result!r},"
                " which does not answer this request",
                where=cell.path,
                why="a Later stands for a stash, forward or defer of the message being handled",
                mend="return self.stash(), self.forward(ref, msg) or self.defer(msg)",
            )
        )
    return True


def asked_done(cell: Cell, result: Any, error: BaseException | None) -> bool:
    """An async handler of a request is over."""
    call = cast("Call | None", cell.msg)
    if call is None:  # stashed
        if error is not None:
            fault(cell, None, error)
    elif error is not None:
        fault(cell, call, error)
    elif isinstance(result, Later):
        answered_later(cell, call, result)
    else:
        try:
            cell.scheduler.answer(call, result)
        except ProtocolError as broken:  # in wire mode: the reply cannot be encoded
            fault(cell, call, broken)
    return True


def answered_inline(cell: Cell, call: Call, result: Any) -> None:
    """As `answered`, on an asker's stack, for the results that are not plain replies."""
    if cell.msg is None:  # stashed
        return
    if isinstance(result, Later):
        answered_later(cell, call, result)
    elif is_coroutine(result):
        park(cell, result, asked_done)
    else:
        cell.scheduler.answer(call, result)


# -- items ---------------------------------------------------------------------------------------


def on_call(cell: Cell, call: Call) -> bool:
    """An ask: handle it unless nobody waits for it any more."""
    if call.deadline and cell.scheduler.now() >= call.deadline:
        expire(call)
    if call.state != OPEN:
        bury(call.msg, cell, "expired" if call.expired else "cancelled")
        return True
    cell.msg = call
    call.handler = cell
    return deliver(cell, call.msg, call)


def on_notice(cell: Cell, notice: Notice) -> bool:
    """A message of a timer, a job or a monitor, unless that is void by now."""
    if not notice.source.live or not notice.source.taken():
        cell.handled -= 1
        return True
    cell.msg = notice.msg
    if notice.adapt is not None:
        cell.msg = notice.adapt(notice.msg)
    return deliver(cell, cell.msg, None)


def on_adapted(cell: Cell, item: Adapted) -> bool:
    """A message sent to an adapter of this actor."""
    if item.incarnation and item.incarnation != cell.incarnation:
        refuse(item.msg, cell, "stopped")
        return True
    call = item.msg
    if isinstance(call, Call):
        if call.state == OPEN:
            cell.msg = call
            call.msg = item.fn(call.msg)
        return on_call(cell, call)
    cell.msg = item.msg
    cell.msg = item.fn(item.msg)
    return deliver(cell, cell.msg, None)


def on_parked(adopter: Cell, parked: Parked) -> bool:
    """A coroutine that was left during an inline ask: step it, here on a carrier."""
    cell, scheduler = parked.cell, adopter.scheduler
    scheduler.suspended -= 1
    cell.suspension = None
    scheduler.current = cell
    if killed(cell):
        parked.coro.close()
        parked.done(cell, None, GeneratorExit())
    elif not scheduler.drive(cell, parked.coro, parked.done):
        if not adopter.rest():
            scheduler.enqueue(adopter)
        return False
    scheduler.release(cell)
    return True


def on_start(cell: Cell, _item: Start) -> bool:
    """Construct the actor."""
    cell.handled -= 1
    return start(cell)


def on_drain_stop(cell: Cell, _item: DrainStop) -> bool:
    """All that was sent before the stop has been handled."""
    cell.handled -= 1
    return ACTIONS["end"](cell, Normal())


def on_signals(cell: Cell, _item: Token) -> bool:
    """Act on the signals, in their order."""
    cell.handled -= 1
    cell.msg = None  # what was handled before is over
    rich = cell.rich
    while rich is not None and rich.signals:
        kind, argument = rich.signals.pop(0)
        if not ACTIONS[kind](cell, argument):
            if rich.signals:
                cell.put_token()
            return False
        rich = cell.rich
    return True


def on_errand(cell: Cell, errand: Errand) -> bool:
    """The engine's own work, as a step of this cell."""
    cell.handled -= 1
    try:
        errand.action(*errand.args)
    except BaseException as error:  # nothing of the user's runs in it
        cell.scheduler.port.fatal(error)
    return True


STEPS: dict[type[Any], Callable[[Cell, Any], bool]] = {
    Call: on_call,
    Notice: on_notice,
    Adapted: on_adapted,
    Start: on_start,
    DrainStop: on_drain_stop,
    Token: on_signals,
    Errand: on_errand,
    Parked: on_parked,
}


# -- what goes wrong -----------------------------------------------------------------------------


def fault(cell: Cell, item: Any, error: BaseException) -> None:
    """A handler raised: a refusal is an answer, all else ends the incarnation."""
    if cell.msg is None:  # it raised after it had stashed the message
        item = None
    if isinstance(item, Adapted) and isinstance(item.msg, Call):
        item = item.msg
    call = item if isinstance(item, Call) else None
    msg = call.msg if call is not None else item
    if isinstance(item, (Notice, Adapted)):
        msg = cell.msg
    elif isinstance(item, Control):
        msg = None
    if isinstance(error, Refused) and isinstance(msg, Request):
        if call is not None:
            call.fail(error)
        return
    if killed(cell):
        if call is not None:
            call.fail(stopped_error(cell, "killed"))
        if msg is not None:
            bury(msg, cell, "killed")
        end_program(cell, error)
        return
    doing = f"handling {type(msg).__name__}" if msg is not None else "running"
    if isinstance(item, Notice) and item.adapt is not None and msg is item.msg:
        doing = f"making a message of what {item.source!r} gave"
    if call is not None:
        failure = HandlerFailed(
            f"the handler of {type(msg).__name__} in {cell.path} failed",
            where=f"behaviour {cell.state.name if cell.state else '?'}",
            why=brief(error),
            mend="see the cause below; to refuse a request, raise Refused(...)",
        )
        failure.__cause__ = error
        call.fail(failure)
    if msg is not None:
        bury(msg, cell, "failed")
    crash(cell, error, doing)


def unhandled(cell: Cell, msg: Any, call: Call | None) -> bool:
    """The behaviour has no handler for the message: do as the class says."""
    actor = cell.actor
    assert actor is not None
    protocol = actor.__protocol__
    member = protocol.members is None or type(msg) in protocol.members
    policy = type(actor).unhandled if member else "dead_letter"
    if policy == "stash":
        stash_item(cell, call or msg, by_policy=True)
        return True
    error = not_accepted(cell, msg)
    if call is not None:
        call.fail(error)
    bury(msg, cell, "not_accepted")
    if policy == "fail":
        crash(cell, error, f"handling {type(msg).__name__}")
    return True


def expire(wait: Wait) -> None:
    """The deadline of an ask has passed."""
    target = wait.target
    if isinstance(wait, Call):
        what = type(wait.msg).__name__
        if target is None:
            why = "its handler deferred the reply, and nobody has given it yet"
            mend = "see that reply() is called on the ReplyTo, or give the ask more seconds"
        else:
            why = "it waits in the mailbox, or its handler is slow or suspended"
            mend = "give ask(..., timeout=...) more seconds, or mend what holds the actor"
        where = target.path if target is not None else ""
        wait.fail(AskTimeout(f"no reply to {what} in time", where=where, why=why, mend=mend))

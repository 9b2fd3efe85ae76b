"""The stash: messages put aside for later, and behaviours, whose change brings them back.

Two sources share one bounded queue: `stash()` by hand waits for `unstash_all()`; what
`unhandled = "stash"` put aside is retried after every change of behaviour (gen_statem: postpone).
Laws: order is kept; retried messages come before the mailbox, and what `next()` asks for before
them; a full stash fails the actor, it does not lose the message.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from airssys_rt.core.behaviour import is_behaviour
from airssys_rt.errors import BadArgument, IllegalTransition, MailboxFull, NoSystem
from airssys_rt.kernel.timers import STATE
from airssys_rt.kernel.waits import Call

if TYPE_CHECKING:
    from airssys_rt.core.behaviour import Accepts
    from airssys_rt.core.protocol import ActorProtocol, State
    from airssys_rt.kernel.cell import Cell

__all__ = [
    "become",
    "current_item",
    "has_enter",
    "put_next",
    "stash_current",
    "stash_item",
    "unbecome",
    "unstash",
]

# Any: messages and behaviours of every protocol


def stash_item(cell: Cell, item: Any, *, by_policy: bool) -> None:
    """Put an item aside.  Raises `MailboxFull` if the stash is full."""
    more = cell.more
    stash = more.stash
    if stash is None:
        stash = more.stash = deque()
    capacity = type(cell.actor).stash_capacity if cell.actor is not None else 0
    if len(stash) >= capacity:
        raise MailboxFull(
            f"the stash of {cell.path} is full ({capacity} messages)",
            why="more messages were put aside than stash_capacity allows",
            mend="unstash earlier, or raise stash_capacity in the class",
        )
    if isinstance(item, Call):
        item.handler = None
    stash.append((item, by_policy))


def current_item(cell: Cell) -> Any:
    """What the cell handles now: a message, or the `Call` of an ask, made now if need be."""
    scheduler = cell.scheduler
    if scheduler.asked is cell:
        scheduler.asked = None
        cell.msg = scheduler.made = call = Call(cell.msg, cell, scheduler.asker)
        call.handler = cell
    return cell.msg


def stash_current(cell: Cell) -> None:
    """Put the message being handled aside."""
    item = current_item(cell)
    if item is None:
        raise NoSystem(
            "there is no message to stash",
            where=cell.path,
            why="stash() puts aside the message whose handler calls it, and that once",
            mend="call it in a handler, before it returns",
        )
    stash_item(cell, item, by_policy=False)
    cell.msg = None  # what its handler does and returns from here on is not about the message


def put_next(cell: Cell, msg: Any) -> None:
    """Have `msg` handled before the mailbox, behind what the same handler put there before."""
    more = cell.more
    if more.ending is not None or cell.outcome is not None:
        cell.scheduler.refuse(msg, cell, "stopped")
        return
    if more.nexts is None:
        more.nexts = [msg]
        cell.signal("next")
    else:
        more.nexts.append(msg)


def unstash(cell: Cell, *, by_policy: bool | None) -> int:
    """Put stashed items back before the mailbox: all, or only those put aside by policy."""
    rich = cell.rich
    if rich is None or not rich.stash:
        return 0
    back = [item for item, policy in rich.stash if by_policy is None or policy is by_policy]
    if by_policy is None:
        rich.stash.clear()
    else:
        rich.stash = deque(entry for entry in rich.stash if entry[1] is not by_policy)
    cell.put_front(back)
    return len(back)


def become(cell: Cell, protocol: ActorProtocol, behaviour: Accepts[Any], *, push: bool) -> None:
    """Change the behaviour.  Raises `IllegalTransition` if `flow` does not allow it."""
    if not is_behaviour(behaviour):
        raise BadArgument(
            f"{behaviour!r} is no behaviour",
            where=cell.path,
            mend="become(self.name), with a name of the class body such as `frozen = thaw | get`",
        )
    target = protocol.state(behaviour)
    origin = cell.state or protocol.initial
    if origin is not None and not protocol.allows(origin, target, push=push):
        raise IllegalTransition(
            f"{cell.path} may not {'push' if push else 'become'} {target.name} from {origin.name}",
            why="flow does not declare this transition",
            mend=f"add {origin.name}.{'push' if push else 'to'}({target.name}) to flow, or"
            " become what it allows",
        )
    if push and origin is not None:
        more = cell.more
        if more.stack is None:
            more.stack = []
        more.stack.append(origin)
    changed(cell, target)


def unbecome(cell: Cell) -> None:
    """Go back to the behaviour below.  Raises `IllegalTransition` if there is none."""
    rich = cell.rich
    if rich is None or not rich.stack:
        raise IllegalTransition(
            f"{cell.path} has no behaviour to go back to",
            where=f"behaviour {cell.state.name if cell.state else '?'}",
            why="unbecome() undoes a become(..., push=True), and none is left",
            mend="push before, or become(self.initial)",
        )
    changed(cell, rich.stack.pop())


def changed(cell: Cell, target: State) -> None:
    """The actor is in another behaviour from its next message on."""
    cell.state = target
    cell.set_fast()
    rich = cell.rich
    if rich is not None:
        if rich.timers:
            timer = rich.timers.get(STATE)
            if timer is not None:
                timer.cancel()
        unstash(cell, by_policy=True)
    if target.enter is not None and not (rich is not None and has_enter(cell)):
        cell.signal("enter")


def has_enter(cell: Cell) -> bool:
    """Whether an enter method is to run already; it will look at the state then."""
    rich = cell.rich
    return rich is not None and any(kind == "enter" for kind, _ in rich.signals)

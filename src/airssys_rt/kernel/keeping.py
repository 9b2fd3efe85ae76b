"""Slots between incarnations: which are kept, how they come back, how they are given up.

A slot is kept when its actor is to be restarted: its mailbox goes on to take messages, its
monitors and its name stay, its refs stay good.  Laws: whether a slot is kept is decided when its
incarnation begins to end, and may only change from kept to given up; one that is given up is over
for everybody at once, with the reason of its last incarnation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airssys_rt.core.signals import Failed, Killed, Normal, Restarting, Shutdown
from airssys_rt.errors import RestartIntensityExceeded
from airssys_rt.kernel.life import Life, move
from airssys_rt.kernel.starting import start
from airssys_rt.kernel.watch import announce_down

if TYPE_CHECKING:
    from airssys_rt.core.signals import DeadReason, ExitReason
    from airssys_rt.kernel.cell import Cell

__all__ = ["is_declared", "keeps", "letter_of", "revive", "spill", "went_down"]


def letter_of(reason: ExitReason) -> DeadReason:
    """Why the messages of an actor that ended so are not handled."""
    if isinstance(reason, Failed):
        return "failed"
    return "killed" if isinstance(reason, Killed) else "stopped"


def is_calm(reason: ExitReason) -> bool:
    """Whether a transient actor that ended so has done its work.

    A supervisor that gives up ends as by a shutdown, as in OTP: one that is transient is not
    restarted, or it would escalate for ever.
    """
    if isinstance(reason, Failed):
        return isinstance(reason.cause, RestartIntensityExceeded)
    return isinstance(reason, (Normal, Shutdown))


def keeps(cell: Cell, reason: ExitReason) -> bool:
    """Whether the slot gets another incarnation after one that ends so."""
    more = cell.more
    parent = cell.parent
    if more.keep is not None:
        return more.keep  # as its supervisor ordered
    if parent is None or parent.rich is None:
        return False
    if parent.rich.ending is not None or parent.life == Life.DOWN:
        # the declared children of a supervisor that is restarted wait for it
        return is_declared(cell) and bool(parent.rich.keep)
    if not cell.spec.supervised or parent.rich.overseer is None:
        return False
    if cell.incarnation < 2 and cell.life != Life.RUNNING:
        return False  # a first start that fails is its starter's matter
    return cell.spec.restart == "permanent" or not is_calm(reason)


def is_declared(cell: Cell) -> bool:
    """Whether its supervisor's own declaration names it."""
    parent = cell.parent
    upper = parent.rich if parent is not None else None
    return upper is not None and upper.declared is not None and cell in upper.declared


def went_down(cell: Cell, reason: ExitReason) -> None:
    """The incarnation is over and the slot is kept: make it ready for the next one."""
    scheduler, more, parent = cell.scheduler, cell.more, cell.parent
    assert parent is not None
    assert parent.rich is not None
    move(cell, "down")
    more.last = reason
    if not more.killed:
        announce_down(cell, reason)
    more.stack = more.timers = more.receive_timeout = more.jobs = more.deferred = None
    more.ending = more.keep = more.overseer = None
    more.killed = more.post_stop_due = False
    # another end that was due was this incarnation's, too: it does not give up the slot
    more.signals = [entry for entry in more.signals if entry[0] != "end"]
    if scheduler.observed and cell.incarnation:
        ref = scheduler.make_ref(cell)
        scheduler.port.event(Restarting(ref, cell.path, cell.incarnation, reason))
    if parent.rich.ending is not None:
        parent.signal("proceed")
    elif parent.rich.overseer is not None:
        parent.rich.overseer.down(cell, reason)


def revive(cell: Cell, overseer: object) -> bool:
    """Start the next incarnation: what was stashed first, then the mailbox, is its to handle.

    The order is void if the supervisor that gave it has begun to end.
    """
    upper = cell.parent.rich if cell.parent is not None else None
    valid = upper is not None and upper.overseer is overseer and upper.ending is None
    if cell.life != Life.DOWN or not valid:
        return True
    more = cell.more
    cell.waiting = None
    cell.reopen_box()
    front = [item for item, _ in more.stash or ()] + (more.nexts or [])
    more.stash = more.nexts = None
    if front:
        cell.put_front(front)
    return start(cell)


def spill(cell: Cell, letter: DeadReason) -> None:
    """Refuse what was put aside inside the actor."""
    more = cell.more
    if more.stash is None and more.nexts is None:
        return
    items = [item for item, _ in more.stash or ()] + (more.nexts or [])
    more.stash = more.nexts = None
    for item in items:
        cell.scheduler.refuse(item, cell, letter)

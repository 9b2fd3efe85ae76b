"""How an actor ends, of itself, by order, or by a kill.

It goes the same way whatever the reason: refuse work, end timers and jobs, stop the children last
to first, run `post_stop`, be dead.  Each part may have to wait; `proceed` goes on where the last
part stopped.

Laws: `post_stop` runs once for every incarnation whose `pre_start` returned, not after a kill; a
parent is dead only after its children; a kill takes effect at once for everybody but the handler
that must still end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.core.signals import Ended, Failed, Killed, Normal, Shutdown, Stuck
from airssys_rt.errors import ActorStopped
from airssys_rt.kernel.cell import NO_TABLE
from airssys_rt.kernel.failing import end_program
from airssys_rt.kernel.life import Life, killed, later, move, settle_waiters
from airssys_rt.kernel.mailbox import Grave
from airssys_rt.kernel.reply import fail_deferred
from airssys_rt.kernel.suspension import Suspension
from airssys_rt.kernel.waits import Call, StopEdge, release_waiter
from airssys_rt.kernel.watch import announce_end, drop_monitors

if TYPE_CHECKING:
    from airssys_rt.core.signals import DeadReason, ExitReason
    from airssys_rt.kernel.cell import Cell

__all__ = ["end", "kill", "proceed", "stop"]

STUCK_EVERY = 1.0  # seconds


def end(cell: Cell, reason: ExitReason) -> bool:
    """Begin to end the incarnation; a later reason does not replace the first."""
    if cell.life in (Life.STOPPING, Life.DEAD):
        return True
    release(cell, reason, "failed" if isinstance(reason, Failed) else "stopped")
    going_on = proceed(cell)
    if cell.life == Life.STOPPING:
        limit(cell)
    return going_on


def stop(cell: Cell) -> None:
    """End the actor after the handler that runs now, which has its shutdown time for that."""
    if cell.life not in (Life.STOPPING, Life.DEAD):
        cell.signal("end", Normal())
        limit(cell)


def limit(cell: Cell) -> None:
    """Kill the actor if it is not over within its shutdown time."""
    more = cell.more
    seconds = cell.spec.shutdown
    if more.kill_timer is None and seconds != "infinity" and cell.parent is not None:
        if seconds is None or seconds == "brutal_kill":
            seconds = cell.scheduler.shutdown
        more.kill_timer = later(cell.scheduler, float(seconds), lambda: kill(cell))


def release(cell: Cell, reason: ExitReason, letter: DeadReason) -> None:
    """Refuse work, and let go of everything that belongs to the incarnation."""
    more = cell.more
    if cell.life != Life.RUNNING and cell.start_error is None:
        cell.start_error = ActorStopped(
            f"{cell.path} ended before it started", why=type(reason).__name__
        )
        settle_waiters(cell, "started", cell.start_error)
    move(cell, "end")
    more.ending = reason
    cell.fast = NO_TABLE
    for timer in list((more.timers or {}).values()):  # what they have sent is void then
        timer.cancel()
    if more.receive_timeout is not None:
        more.receive_timeout.cancel()
    cell.close_box(letter)
    if more.stash is not None:
        stash, more.stash = more.stash, None
        for item, _ in stash:
            cell.scheduler.refuse(item, cell, letter)
    nexts, more.nexts = more.nexts, []
    for item in nexts:
        cell.scheduler.refuse(item, cell, letter)
    for job in list(more.jobs or ()):
        job.cancel()
    drop_monitors(cell)


def proceed(cell: Cell, _argument: Any = None) -> bool:
    """Take the next step of ending, as far as it goes without waiting."""
    more = cell.more
    if cell.life != Life.STOPPING or more.ending is None:
        return True
    cell.waiting = None
    if more.jobs:
        return True
    if more.children:
        stop_child(cell, next(reversed(more.children)))
        return True
    if more.post_stop_due and cell.actor is not None:
        more.post_stop_due = False
        # Any: the user's hook may be sync or async
        hook: Any = cell.actor.post_stop
        try:
            result = hook(more.ending)
        except BaseException as error:
            return stopped(cell, None, error)
        if result is not None:
            return cell.scheduler.drive(cell, result, stopped)
    over(cell)
    return True


def stopped(cell: Cell, _result: Any, error: BaseException | None) -> bool:
    """`post_stop` is over; what it raised is reported and changes nothing."""
    if error is not None:
        end_program(cell, error)
        if not killed(cell):
            cell.scheduler.port.failure(cell, error, "post_stop")
    cell.signal("proceed")
    return True


def stop_child(parent: Cell, child: Cell) -> None:
    """Tell a child to end, watch its shutdown time, and wait for it."""
    if killed(parent) or child.spec.shutdown == "brutal_kill":
        kill(child)
        return
    parent.waiting = StopEdge(child, parent)
    if child.life != Life.STOPPING:
        limit(child)
        child.signal("end", Shutdown(), first=True)
    release_waiter(parent, child)


def over(cell: Cell) -> None:
    """Nothing of the actor is left: tell everybody concerned."""
    scheduler = cell.scheduler
    more = cell.more
    reason = more.ending
    assert reason is not None
    move(cell, "over")
    cell.outcome = reason
    if not more.killed:
        announce_end(cell, reason)
    # the instance goes before the replies it holds are failed: some are only collected
    instance, cell.actor = cell.actor, None
    cell.state = None
    cell.name = cell.label
    cell.recipe = None
    fail_deferred(cell, instance, reason)
    del instance
    if more.kill_timer is not None and more.kill_timer.live:
        more.kill_timer.disarm()
        scheduler.timers.dropped(more.kill_timer)
    settle_waiters(cell, "stopped")
    cell.rich = None
    scheduler.actors -= 1
    if scheduler.observed and cell.parent is not None:
        ref = scheduler.make_ref(cell)
        scheduler.port.event(Ended(ref, cell.path, cell.incarnation, reason))
    for action in list(more.at_end.values()):
        action()
    cell.box = Grave(cell, cell.box.reason)
    parent = cell.parent
    if parent is not None and parent.rich is not None:
        parent.rich.children.pop(cell, None)
        if parent.rich.names.get(cell.name) is cell:
            del parent.rich.names[cell.name]
        if parent.rich.ending is not None:
            parent.signal("proceed")


def kill(cell: Cell) -> None:
    """End an actor without its leave: at once for all others, then for its own handler."""
    if cell.life == Life.DEAD or killed(cell):
        return
    more = cell.more
    more.killed = True
    more.post_stop_due = False
    if cell.life == Life.STOPPING:
        more.ending = Killed()
        cell.close_box("killed")
    else:
        release(cell, Killed(), "killed")
    announce_end(cell, Killed())
    item = cell.msg
    if isinstance(item, Call) and item.handler is cell:
        # its handler may take long to end, and its reply would count for nothing
        item.fail(ActorStopped(f"{cell.path} was killed before it answered"))
    for child in reversed(list(more.children)):
        kill(child)
    held = cell.suspension
    if isinstance(held, Suspension) and held.scope is not None:
        held.scope.cancel()
    later(cell.scheduler, STUCK_EVERY, lambda: stuck(cell))
    cell.signal("proceed")


def stuck(cell: Cell) -> float | None:
    """A killed handler has not ended yet: publish where it is, again and again."""
    scheduler = cell.scheduler
    if cell.life == Life.DEAD:
        return None
    if cell.suspension is not None or cell.more.jobs:
        ref = scheduler.make_ref(cell)
        scheduler.port.event(Stuck(ref, cell.path, scheduler.port.stack(cell)))
    return scheduler.now() + STUCK_EVERY

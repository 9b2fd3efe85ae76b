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

from airssys_rt.core.signals import Ended, Killed, Normal, Shutdown, Stuck
from airssys_rt.errors import ActorStopped
from airssys_rt.kernel.cell import NO_HANDLER
from airssys_rt.kernel.failing import end_program
from airssys_rt.kernel.keeping import is_declared, keeps, letter_of, spill, went_down
from airssys_rt.kernel.life import Life, killed, later, move, settle_waiters
from airssys_rt.kernel.links import cut
from airssys_rt.kernel.mailbox import Grave
from airssys_rt.kernel.reply import fail_deferred
from airssys_rt.kernel.suspension import Suspension
from airssys_rt.kernel.waits import Call, StopEdge, release_waiter
from airssys_rt.kernel.watch import announce_down, announce_end, drop_monitors

if TYPE_CHECKING:
    from airssys_rt.core.signals import DeadReason, ExitReason
    from airssys_rt.kernel.cell import Cell

__all__ = ["end", "exit_signal", "give_up", "kill", "limit", "order", "proceed", "stop"]

ENDING = frozenset({Life.STOPPING, Life.DOWN, Life.DEAD})

STUCK_EVERY = 1.0  # seconds


def end(cell: Cell, reason: ExitReason) -> bool:
    """Begin to end the incarnation; a later reason does not replace the first."""
    if cell.life in ENDING:
        if cell.life == Life.DOWN:
            give_up(cell)
        return True
    cell.more.keep = keeps(cell, reason) and not stopped_besides(cell)
    release(cell, reason, letter_of(reason))
    going_on = proceed(cell)
    if cell.life == Life.STOPPING:
        limit(cell)
    return going_on


def stopped_besides(cell: Cell) -> bool:
    """Whether somebody has stopped for good an actor that ends for another reason just now."""
    return cell.spec.restart != "permanent" and any(
        kind == "end" and isinstance(reason, Normal) for kind, reason in cell.more.signals
    )


def stop(cell: Cell) -> None:
    """End the actor after the handler that runs now, which has its shutdown time for that.

    A slot between two incarnations is given up.
    """
    if cell.life == Life.STOPPING and cell.spec.restart != "permanent":
        doom(cell)
    elif cell.life not in (Life.STOPPING, Life.DEAD):
        held = at_work(cell) or bool(cell.more.signals)
        cell.signal("end", Normal())
        if held and cell.life != Life.DOWN:
            limit(cell, Normal())
            interrupt(cell)


def exit_signal(cell: Cell, reason: ExitReason) -> None:
    """A linked actor ended, and the cell does not trap exits: it ends by the same reason.

    The running handler has its shutdown time for that; an end that is due already stands.
    """
    if all(kind != "end" for kind, _ in cell.more.signals):
        cell.signal("end", reason, first=True)
    limit(cell)


def order(child: Cell, *, keep: bool) -> None:
    """Its supervisor stops a child: to start it again, or for good."""
    if child.life == Life.DOWN:
        if not keep:
            give_up(child)
    elif child.life == Life.STOPPING:
        if not keep:
            doom(child)
    elif child.life != Life.DEAD:
        child.more.keep = keep
        if child.spec.shutdown == "brutal_kill":
            kill(child)
        else:
            ask_to_end(child)


def ask_to_end(child: Cell) -> None:
    """Have a child end before all else; who is in a handler has its shutdown time for that."""
    if at_work(child):
        limit(child)
        interrupt(child)
    child.signal("end", Shutdown(), first=True)


def at_work(cell: Cell) -> bool:
    """Whether a handler or a hook holds the cell up; otherwise it acts on an order at once."""
    busy = cell.suspension is not None or cell.msg is not None
    return busy or cell.scheduler.current is cell  # a hook, which may yet suspend


def interrupt(cell: Cell) -> None:
    """A supervisor that is to end need not wait until its children have started."""
    overseer = cell.more.overseer
    if overseer is not None and cell.life == Life.STARTING:
        overseer.interrupt()
        if not cell.more.keep:
            error = ActorStopped(
                f"{cell.path} was stopped before its children had started",
                why="a stop does not wait for children that start",
                mend="await its started() first, to have all of them",
            )
            settle_waiters(cell, "started", error)


def limit(cell: Cell, ordered: ExitReason | None = None) -> None:
    """Kill the actor if it is not over within its shutdown time.

    Whether it is restarted then goes by the reason for which it was `ordered` to end.
    """
    more = cell.more
    seconds = cell.spec.shutdown
    if seconds is None and cell.actor is not None and cell.actor.__supervises__:
        return  # its children have their times
    if more.kill_timer is None and seconds != "infinity" and cell.parent is not None:
        if seconds is None or seconds == "brutal_kill":
            seconds = cell.scheduler.shutdown
        more.kill_timer = later(cell.scheduler, float(seconds), lambda: kill(cell, ordered))


def end_limit(cell: Cell) -> None:
    """The incarnation is over, or killed: there is nothing to watch for any more."""
    more = cell.more
    if more.kill_timer is not None and more.kill_timer.live:
        more.kill_timer.disarm()
        cell.scheduler.timers.dropped(more.kill_timer)
    more.kill_timer = None


def release(cell: Cell, reason: ExitReason, letter: DeadReason) -> None:
    """Refuse work, or hold it for the next incarnation; let go of what belongs to this one."""
    more = cell.more
    if not more.keep and cell.life != Life.RUNNING and cell.start_error is None:
        cell.start_error = ActorStopped(
            f"{cell.path} ended before it started", why=type(reason).__name__
        )
        settle_waiters(cell, "started", cell.start_error)
    move(cell, "end")
    more.ending = reason
    cell.find = NO_HANDLER
    for timer in list((more.timers or {}).values()):  # what they have sent is void then
        timer.cancel()
    if more.receive_timeout is not None:
        more.receive_timeout.cancel()
    if more.keep:
        cell.hold_box()
    else:
        cell.close_box(letter)
        spill(cell, letter)
    for job in list(more.jobs or ()):
        job.cancel()
    drop_monitors(cell)
    if more.overseer is not None:
        more.overseer.close()


def doom(cell: Cell) -> None:
    """An incarnation that ends is the last one after all: refuse what waits for the next."""
    more = cell.more
    if more.keep:
        more.keep = False
        letter = letter_of(more.ending or Shutdown())
        cell.close_box(letter)
        spill(cell, letter)
        settle_waiters(cell, "started", not_again(cell))
        cell.signal("proceed")  # its declared children need not be kept any more, either


def give_up(cell: Cell) -> None:
    """A slot between two incarnations gets no other one."""
    more = cell.more
    assert more.last is not None
    for child in reversed(list(more.children)):
        give_up(child)
    end_limit(cell)
    letter = letter_of(more.last)
    cell.close_box(letter)
    spill(cell, letter)
    settle_waiters(cell, "started", not_again(cell))
    move(cell, "over")
    announce_end(cell, more.last)
    bury(cell, more.last)


def not_again(cell: Cell) -> ActorStopped:
    """The error for those who wait for a start that does not come."""
    return ActorStopped(
        f"{cell.path} is not started again",
        why="it was stopped, or its supervisor was, between two incarnations",
        mend="await ref.stopped() gives the reason of its last incarnation",
    )


def proceed(cell: Cell, _argument: Any = None) -> bool:
    """Take the next step of ending, as far as it goes without waiting."""
    more = cell.more
    if cell.life != Life.STOPPING or more.ending is None:
        return True
    cell.waiting = None
    if more.jobs:
        return True
    for child in reversed(more.children):
        if child.life != Life.DOWN or not keeps(child, more.ending):
            stop_child(cell, child)
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
    if child.life == Life.DOWN:
        give_up(child)
        return
    more = child.more
    if more.keep and not (is_declared(child) and parent.more.keep):
        if child.life == Life.STOPPING:
            doom(child)
        else:
            more.keep = None
    if killed(parent) or child.spec.shutdown == "brutal_kill":
        kill(child)
        return
    parent.waiting = StopEdge(child, parent)
    if child.life != Life.STOPPING:
        ask_to_end(child)
    release_waiter(parent, child)


def over(cell: Cell) -> None:
    """Nothing of the incarnation is left: tell everybody concerned."""
    more = cell.more
    reason = more.ending
    assert reason is not None
    # the instance goes before the replies it holds are failed: some are only collected
    instance, cell.actor = cell.actor, None
    cell.state = None
    end_limit(cell)
    for partner in cut(cell, reason):
        exit_signal(partner, reason)
    if more.keep:
        fail_deferred(cell, instance, reason)
        went_down(cell, reason)
        return
    spill(cell, letter_of(reason))  # what a handler that ignored its kill has put aside
    move(cell, "over")
    cell.outcome = reason
    announce_end(cell, reason)
    fail_deferred(cell, instance, reason)
    del instance
    bury(cell, reason)


def bury(cell: Cell, reason: ExitReason) -> None:
    """The slot is over for good."""
    scheduler, more, parent = cell.scheduler, cell.more, cell.parent
    cell.outcome = reason
    cell.recipe = cell.factory  # which the path needs; its arguments are not held
    cell.waiting = None
    settle_waiters(cell, "stopped")
    cell.rich = None
    scheduler.actors -= 1
    if scheduler.limits is not None:
        scheduler.limits.ended()
    if scheduler.observed and parent is not None:
        ref = scheduler.make_ref(cell)
        scheduler.port.event(Ended(ref, cell.path, cell.incarnation, reason))
    for action in list((more.at_end or {}).values()):
        action()
    cell.box = Grave(cell, cell.box.reason)
    if parent is not None and parent.rich is not None:
        upper = parent.rich
        children = upper.children
        if upper.ending is not None and children and next(reversed(children)) is cell:
            children.popitem()  # `pop` leaves a gap, which the next look from the end steps over
        else:
            children.pop(cell, None)
        if upper.names is not None and upper.names.get(cell.label) is cell:
            del upper.names[cell.label]
        if upper.declared is not None:
            upper.declared.pop(cell, None)
        if upper.ending is not None:
            parent.signal("proceed")
        elif upper.overseer is not None:
            upper.overseer.over(cell, reason)


def kill(cell: Cell, ordered: ExitReason | None = None) -> None:
    """End an actor without its leave: at once for all others, then for its own handler."""
    if cell.life == Life.DEAD or killed(cell):
        return
    if cell.life == Life.DOWN:
        give_up(cell)
        return
    more, reason = cell.more, Killed()
    if cell.life == Life.STOPPING:
        if cell.parent is not None and cell.parent.more.ending is not None:
            kept = is_declared(cell) and bool(cell.parent.more.keep)
            more.keep = bool(more.keep) and kept
        more.ending = reason
        if not more.keep:
            cell.close_box("killed")
            spill(cell, "killed")
    else:
        more.keep = keeps(cell, ordered or reason)
        release(cell, reason, "killed")
    more.killed = True
    more.post_stop_due = False
    (announce_down if more.keep else announce_end)(cell, reason)
    for partner in cut(cell, reason):
        exit_signal(partner, reason)
    item = cell.msg
    if isinstance(item, Call) and item.handler is cell:
        # its handler may take long to end, and its reply would count for nothing
        item.fail(
            ActorStopped(
                f"{cell.path} was killed before it answered",
                why="it did not stop within its shutdown time, or may have none",
                mend="give it more time with props(...).shutdown(seconds)",
            )
        )
    for child in reversed(list(more.children)):
        if child.life != Life.DOWN or not keeps(child, reason):
            kill(child)
    held = cell.suspension
    if isinstance(held, Suspension) and held.scope is not None:
        held.scope.cancel()
    end_limit(cell)
    more.kill_timer = later(cell.scheduler, STUCK_EVERY, lambda: stuck(cell))
    cell.signal("proceed")


def stuck(cell: Cell) -> float | None:
    """A killed handler has not ended yet: publish where it is, again and again."""
    scheduler = cell.scheduler
    if cell.suspension is not None or cell.more.jobs:
        ref = scheduler.make_ref(cell)
        scheduler.port.event(Stuck(ref, cell.path, scheduler.port.stack(cell)))
    return scheduler.now() + STUCK_EVERY

"""The life of an actor: one table of states, and the step that each signal causes.

    new -> starting -> running -> stopping -> dead

A cell acts on signals in its own step, before its next message.  Ending goes the same way
whatever the reason: refuse work, end timers and jobs, stop the children last to first, run
`post_stop`, be dead.  Each part may have to wait; `proceed` goes on where the last part stopped.

Laws: `post_stop` runs once for every incarnation whose `pre_start` returned, not after a kill; a
parent is dead only after its children; a kill takes effect at once for everybody but the handler
that must still end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from airssys_rt.core.signals import (
    Crashed,
    Ended,
    Failed,
    Killed,
    Shutdown,
    Started,
    Stuck,
    text_of,
)
from airssys_rt.errors import ActorStopped, ProtocolError, StartFailed
from airssys_rt.kernel.cell import NO_TABLE
from airssys_rt.kernel.construct import construct
from airssys_rt.kernel.failure import failed
from airssys_rt.kernel.reply import fail_deferred
from airssys_rt.kernel.stash import has_enter
from airssys_rt.kernel.timers import Callback
from airssys_rt.kernel.waits import StopEdge, release_waiter
from airssys_rt.kernel.watch import announce_end, drop_monitors

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.core.signals import DeadReason, ExitReason
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.scheduler import Scheduler

__all__ = ["ACTIONS", "Life", "crash", "kill", "killed", "later", "proceed", "start"]


class Life:
    """Where in its life an actor is: plain strings, which the table looks up fast."""

    NEW: Final = "new"
    STARTING: Final = "starting"
    RUNNING: Final = "running"
    STOPPING: Final = "stopping"
    DEAD: Final = "dead"


TRANSITIONS: dict[tuple[str, str], str] = {
    (Life.NEW, "construct"): Life.STARTING,
    (Life.NEW, "end"): Life.STOPPING,
    (Life.STARTING, "started"): Life.RUNNING,
    (Life.STARTING, "end"): Life.STOPPING,
    (Life.RUNNING, "end"): Life.STOPPING,
    (Life.STOPPING, "over"): Life.DEAD,
}

STUCK_EVERY = 1.0  # seconds


def move(cell: Cell, event: str) -> None:
    """Take the transition of the table."""
    cell.life = TRANSITIONS[cell.life, event]


# -- starting --------------------------------------------------------------------------------


def start(cell: Cell) -> bool:
    """Construct an incarnation and run its `pre_start`."""
    if cell.life != Life.NEW:
        return True
    move(cell, "construct")
    cell.incarnation += 1
    try:
        actor = construct(cell)
        cell.actor = actor
        result = actor.pre_start() if actor.__protocol__.has_pre_start else None
    except BaseException as error:
        return started(cell, None, error)
    if result is not None:
        return cell.scheduler.drive(cell, result, started)
    return started(cell, None, None)


def started(cell: Cell, _result: Any, error: BaseException | None) -> bool:
    """`pre_start` is over."""
    scheduler = cell.scheduler
    if error is None and cell.actor is not None:
        protocol = cell.actor.__protocol__
        if protocol.initial is None:
            error = ProtocolError(
                f"{type(cell.actor).__name__} has no behaviour `initial`",
                where=cell.path,
                mend="write initial = first | second in the class, with its @on methods",
            )
        elif cell.life == Life.STARTING:
            move(cell, "started")
            if cell.state is None:
                cell.state = protocol.initial
            cell.set_fast()
            if protocol.has_post_stop:
                cell.more.post_stop_due = True
            if cell.state.enter is not None and not has_enter(cell):
                cell.signal("enter")
            if cell.rich is not None:
                settle_waiters(cell, "started")
            if scheduler.observed:
                ref = scheduler.make_ref(cell)
                scheduler.port.event(Started(ref, cell.path, cell.incarnation))
            return True
    if error is not None and not killed(cell):
        failure = StartFailed(
            f"{cell.path} did not start",
            where=f"incarnation {cell.incarnation}",
            why=f"{type(error).__name__}: {text_of(error)}",
            mend="mend its constructor or pre_start; see the cause below",
        )
        failure.__cause__ = error
        cell.start_error = failure
        settle_waiters(cell, "started", failure)
        crash(cell, error, "starting")
    return True


def enter(cell: Cell, _argument: Any) -> bool:
    """Run the `@on_enter` method of the behaviour that the actor is in."""
    state = cell.state
    if state is None or state.enter is None or cell.life != Life.RUNNING:
        return True
    try:
        result = state.enter(cell.actor)
    except BaseException as error:
        return entered(cell, None, error)
    if result is None:
        return True
    return cell.scheduler.drive(cell, result, entered)


def entered(cell: Cell, _result: Any, error: BaseException | None) -> bool:
    """The `@on_enter` method is over."""
    if error is not None:
        crash(cell, error, "on_enter")
    return True


def go_next(cell: Cell, _argument: Any) -> bool:
    """The handler that called `next()` is over: its messages go before the mailbox."""
    nexts, cell.more.nexts = cell.more.nexts, []
    if nexts:
        cell.put_front(nexts)
    return True


# -- failing ---------------------------------------------------------------------------------


def crash(cell: Cell, error: BaseException, doing: str) -> None:
    """The incarnation fails: report it once, and end it as its own next step."""
    if killed(cell) or cell.life in (Life.STOPPING, Life.DEAD):
        cell.scheduler.port.failure(cell, error, doing)
        return
    scheduler = cell.scheduler
    reason = failed(error)
    scheduler.port.failure(cell, error, doing)
    if scheduler.observed:
        ref = scheduler.make_ref(cell)
        scheduler.port.event(Crashed(ref, cell.path, cell.incarnation, reason))
    cell.signal("end", reason, first=True)
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
        scheduler.port.fatal(error)


def broken(cell: Cell, argument: tuple[BaseException, str]) -> bool:
    """Something that the actor started raised what it must not."""
    crash(cell, *argument)
    return True


def killed(cell: Cell) -> bool:
    """Whether the running incarnation was killed."""
    return cell.rich is not None and cell.rich.killed


# -- ending ----------------------------------------------------------------------------------


def end(cell: Cell, reason: ExitReason) -> bool:
    """Begin to end the incarnation; a later reason does not replace the first."""
    if cell.life in (Life.STOPPING, Life.DEAD):
        return True
    release(cell, reason, "failed" if isinstance(reason, Failed) else "stopped")
    return proceed(cell)


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
    cell.close_box(letter)
    if more.stash is not None:
        stash, more.stash = more.stash, None
        for item, _ in stash:
            cell.scheduler.refuse(item, cell, letter)
    nexts, more.nexts = more.nexts, []
    for item in nexts:
        cell.scheduler.refuse(item, cell, letter)
    for timer in list((more.timers or {}).values()):
        timer.cancel()
    if more.receive_timeout is not None:
        more.receive_timeout.cancel()
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
    if error is not None and not killed(cell):
        cell.scheduler.port.failure(cell, error, "post_stop")
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            cell.scheduler.port.fatal(error)
    cell.signal("proceed")
    return True


def stop_child(parent: Cell, child: Cell) -> None:
    """Tell a child to end, watch its shutdown time, and wait for it."""
    if killed(parent):
        kill(child)
        return
    parent.waiting = StopEdge(child, parent)
    more = child.more
    if more.kill_timer is None:
        seconds = child.spec.shutdown
        if seconds == "brutal_kill":
            kill(child)
            return
        if seconds != "infinity":
            limit = parent.scheduler.shutdown if seconds is None else float(seconds)
            more.kill_timer = later(child.scheduler, limit, lambda: kill(child))
        child.signal("end", Shutdown(), first=True)
    release_waiter(parent, child)


def later(scheduler: Scheduler, seconds: float, action: Callable[[], float | None]) -> Callback:
    """An alarm of the engine's own."""
    alarm = Callback(scheduler.now() + seconds, action)
    if scheduler.timers.add(alarm):
        scheduler.port.arm(alarm.when)
    return alarm


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
        more.kill_timer.live = False
        scheduler.timers.dropped()
    settle_waiters(cell, "stopped")
    cell.rich = None
    scheduler.actors -= 1
    if scheduler.observed:
        ref = scheduler.make_ref(cell)
        scheduler.port.event(Ended(ref, cell.path, cell.incarnation, reason))
    for action in more.at_end:
        action()
    parent = cell.parent
    if parent is not None and parent.rich is not None:
        parent.rich.children.pop(cell, None)
        if parent.rich.names.get(cell.name) is cell:
            del parent.rich.names[cell.name]
        if parent.rich.ending is not None:
            parent.signal("proceed")


def settle_waiters(cell: Cell, what: str, error: Exception | None = None) -> None:
    """Answer those who await the actor's start or end."""
    rich = cell.rich
    if rich is None or not rich.waiters:
        return
    due = [wait for kind, wait in rich.waiters if kind == what]
    rich.waiters = [entry for entry in rich.waiters if entry[0] != what]
    for wait in due:
        if error is None:
            wait.settle(cell.outcome)
        else:
            wait.fail(error)


# -- killing ---------------------------------------------------------------------------------


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
    for child in reversed(list(more.children)):
        kill(child)
    if cell.scope is not None:
        cell.scope.cancel()
    later(cell.scheduler, STUCK_EVERY, lambda: stuck(cell))
    cell.signal("proceed")


def stuck(cell: Cell) -> float | None:
    """A killed handler has not ended yet: publish where it is, again and again."""
    scheduler = cell.scheduler
    if cell.life == Life.DEAD:
        return None
    if cell.suspended:
        ref = scheduler.make_ref(cell)
        scheduler.port.event(Stuck(ref, cell.path, scheduler.port.stack(cell)))
    return scheduler.now() + STUCK_EVERY


# Any: each signal has an argument of its own
ACTIONS: dict[str, Callable[[Cell, Any], bool]] = {
    "end": end,
    "enter": enter,
    "next": go_next,
    "broken": broken,
    "proceed": proceed,
}

"""How an incarnation starts: constructed, `pre_start`, the first behaviour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.core.signals import Started, brief
from airssys_rt.errors import ProtocolError, StartFailed
from airssys_rt.kernel.construct import construct
from airssys_rt.kernel.failing import crash, end_program
from airssys_rt.kernel.life import TRANSITIONS, Life, killed, settle_waiters
from airssys_rt.kernel.native.twins import accelerated
from airssys_rt.kernel.stash import has_enter

if TYPE_CHECKING:
    from airssys_rt.kernel.actor import Actor
    from airssys_rt.kernel.cell import Cell

CONSTRUCT, STARTED = TRANSITIONS["construct"], TRANSITIONS["started"]
STARTING = CONSTRUCT[Life.NEW]
RUNNING = STARTED[STARTING]

__all__ = ["enter", "go_next", "start"]


@accelerated
def start(cell: Cell) -> bool:
    """Construct an incarnation and run its `pre_start`."""
    if cell.life not in CONSTRUCT:
        return True
    cell.life = STARTING
    cell.incarnation += 1
    try:
        # Any: whatever makes an actor
        maker: Any = cell.recipe
        protocol = getattr(maker, "__protocol__", None)
        if protocol is not None and protocol.plain_maker is maker:
            # `construct`, written out for a plain class without arguments
            actor: Actor[Any] = object.__new__(maker)
            actor.__cell__ = cell
            if not protocol.plain_init:
                maker.__init__(actor)
        else:
            actor = construct(cell)
            protocol = actor.__protocol__
        cell.actor = actor
        state = protocol.plain_start
        # as most actors; a constructor that used verbs takes the long way
        simple = cell.rich is None and cell.spec.restart is None and cell.state is None
        if simple and state is not None and not cell.scheduler.observed:
            cell.life = RUNNING
            cell.state = state
            cell.find = state.find
            return True
    except BaseException as error:
        return started(cell, None, error)
    return begin(cell)


def begin(cell: Cell) -> bool:
    """Run the `pre_start` of the incarnation that has been constructed."""
    actor = cell.actor
    assert actor is not None
    try:
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
            cell.life = STARTED[cell.life]
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
            overseer = cell.parent.rich.overseer if cell.parent and cell.parent.rich else None
            if overseer is not None and cell.spec.restart is not None:
                overseer.started(cell)
            return True
    if error is not None and killed(cell):
        end_program(cell, error)
    elif error is not None:
        failure = StartFailed(
            f"{cell.path} did not start",
            where=f"incarnation {cell.incarnation}",
            why=f"{brief(error)} ({error.why})" if isinstance(error, StartFailed) else brief(error),
            mend="mend its constructor or pre_start; see the cause below",
        )
        failure.__cause__ = error
        if cell.incarnation == 1:  # a restart that fails is tried again
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
    if cell.life not in (Life.RUNNING, Life.STARTING):
        return True  # it failed after all: they are refused, or wait for the next incarnation
    nexts, cell.more.nexts = cell.more.nexts, None
    if nexts:
        cell.put_front(nexts)
    return True

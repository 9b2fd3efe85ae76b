"""Refs: the typed addresses through which all messages go.

`tell` is the hottest call of the library: a message for a busy actor is one append.  `ask` first
runs the queue itself for a bounded number of sync handlers; mostly the reply is there then, and
nothing was suspended.  Law: a ref names a slot and stays valid whatever becomes of the actor.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import get_ident
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from typing_extensions import TypeVar

from airssys_rt.core.message import RequestFor
from airssys_rt.core.ref import AnyRef, Receiver
from airssys_rt.core.signals import Killed
from airssys_rt.errors import ActorError, ActorStopped, BadArgument, MailboxFull
from airssys_rt.kernel.ending import stop
from airssys_rt.kernel.inline import ask_directly, run_inline
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.mailbox import DRAIN_STOP, Adapted, BoundedBox, HoldingBox, Notice
from airssys_rt.kernel.native.twins import accelerated
from airssys_rt.kernel.waits import OPEN, Call, Wait, check_cycle

if TYPE_CHECKING:
    from airssys_rt.core.signals import DeadReason, ExitReason
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.mailbox import Source

__all__ = ["Accepting", "ActorRef", "AdapterRef", "Spawned", "cell_of", "check_timeout"]

M_contra = TypeVar("M_contra", contravariant=True)
# what becomes of a message from another thread that cannot be sent
UNSENT: dict[type[ActorError], DeadReason] = {MailboxFull: "overflow", ActorStopped: "stopped"}

NOT_STARTED = frozenset({Life.NEW, Life.STARTING, Life.DOWN})

R = TypeVar("R")
Ref_co = TypeVar("Ref_co", bound=AnyRef, covariant=True)


@accelerated
class ActorRef(Receiver[M_contra]):
    """The address of an actor that accepts `M_contra`; made by the engine only."""

    __slots__ = ("_cell",)

    _plain: ClassVar[bool] = True  # what is sent arrives as it is

    def __init__(self, cell: Cell) -> None:
        self._cell = cell

    @property
    def path(self) -> str:
        """The actor's place in the tree, such as `/bank/account-3`."""
        return self._cell.path

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self._cell.label

    def tell(self, msg: M_contra, /) -> None:
        """Send without waiting.

        What cannot be handled becomes a dead letter.  Raises `MailboxFull` if the actor's mailbox
        is bounded with `overflow="reject"`, `ActorStopped` when the system was left, and
        `WrongThread` in another thread than the system's, if nothing is at work or `debug` is set.
        """
        cell = self._cell
        if cell.box is None:
            # each message of a light load comes along here; no other thread can come between
            # these lines, see the decision on the thread check
            cell.first = msg
            cell.box = cell
            cell.scheduler.push(cell)
        else:
            cell.box.append(msg)

    async def send(self, msg: M_contra, /) -> None:
        """Send, and wait for room if the mailbox is bounded and full.

        Raises `ActorStopped` if the actor stopped before there was room, `AskCycle` if it waits
        for the sender, `MailboxFull` above the system's `max_queued`.  Cancelled, it has not sent.
        """
        cell = self._cell
        scheduler = cell.scheduler
        self._check_thread()
        await scheduler.breathe()
        box = cell.box.inner if isinstance(cell.box, HoldingBox) else cell.box
        if not isinstance(box, BoundedBox) or box.has_room():
            self.tell(msg)
            return
        asker = scheduler.current
        if asker is not None:
            check_cycle(asker, cell)
        wait = Wait(cell, asker)
        box.wait_for_room(wait, self._wrap(msg))
        if wait.state == OPEN:
            await scheduler.wait(wait)
        wait.result()

    async def ask(self, msg: RequestFor[M_contra, R], /, *, timeout: float | None = 5.0) -> R:
        """Send a request and wait for its reply, at most `timeout` seconds (None: no limit).

        Raises `AskTimeout`, `ActorStopped`, `HandlerFailed` (the handler's exception chained),
        `NotAccepted`, `AskCycle`, `MailboxFull`, `BadArgument`, and whatever the handler refused
        with (`Refused`).  Cancelled before handling starts, the request is not handled.

        It need not be a checkpoint: see the explanation of the inline ask.
        """
        if timeout is not None and not timeout > 0:
            check_timeout(timeout)
        cell = self._cell
        scheduler = cell.scheduler
        if scheduler.here() is not scheduler.home and get_ident() != scheduler.thread:
            raise scheduler.wrong_thread(cell)
        if scheduler.inbox.pending:
            scheduler.inbox.flush()
        if perf_counter() >= scheduler.slice_end:
            await scheduler.breathe()
        asker = scheduler.current
        if asker is not None:
            if cell.waiting is not None or cell is asker:
                check_cycle(asker, cell)
        elif scheduler.slicing:
            # a task that a sync handler starts may run at once, within it: no handler must, then
            return await self._ask_later(msg, timeout)
        ready = scheduler.ready
        if (not ready or len(ready) > scheduler.long) and self._plain:
            handler = cell.find(type(msg))
            if handler is not None and scheduler.inline and cell.box is None:
                cell.box = cell  # busy: what is told to it now waits
                outcome = ask_directly(scheduler, cell, msg, handler)
                if type(outcome) is not Call:
                    return cast("R", outcome)
                if outcome.state == OPEN:
                    await scheduler.wait(outcome, timeout)
                    return cast("R", outcome.take())
                return cast("R", outcome.result())
        call = Call(msg, cell, asker)
        scheduler.awake += 1  # this task will look after the run queue
        try:
            self.submit(call)
            if scheduler.inline and not scheduler.lane:
                run_inline(scheduler, call)
        finally:
            scheduler.awake -= 1
            if scheduler.ready and not scheduler.awake:
                scheduler.port.unpark()
        if call.state == OPEN:
            await scheduler.wait(call, timeout)
            return cast("R", call.take())
        return cast("R", call.result())

    async def _ask_later(self, msg: RequestFor[M_contra, R], timeout: float | None) -> R:
        """Ask without running anything in place."""
        call = Call(msg, self._cell, None)
        self.submit(call)
        if call.state == OPEN:
            await self._cell.scheduler.wait(call, timeout)
            return cast("R", call.take())
        return cast("R", call.result())

    def tell_from_thread(self, msg: M_contra, /) -> None:
        """Send from any thread; messages of one thread arrive in their order.

        What `tell` would raise makes a dead letter: a full mailbox, a system left meanwhile.
        Raises `ActorStopped` when the system was left before.
        """
        scheduler = self._cell.scheduler
        if not scheduler.open:
            scheduler.check_open()
        scheduler.inbox.put(lambda: self._tell_or_drop(msg))

    def stop(self, *, drain: bool = False) -> None:
        """Stop the actor after the handler that runs now.

        With `drain=True` the stop takes its place in the mailbox, behind what the caller sent.
        Harmless when the actor is over.  A permanent actor is restarted, as after any end; a slot
        that waits for its next incarnation is given up.
        """
        cell = self._cell
        if cell.life == Life.DEAD or (cell.life == Life.STOPPING and not cell.more.keep):
            return
        self._check_thread()
        if not drain or cell.life in (Life.STOPPING, Life.DOWN):
            stop(cell)
        else:
            cell.put(DRAIN_STOP)

    async def started(self) -> None:
        """Wait until `pre_start` has returned.

        Raises `StartFailed` (its exception chained) if it did not start, `ActorStopped` if it
        ended before, `AskCycle` if the actor waits for the caller.
        """
        cell = self._cell
        if cell.start_error is None and cell.life in NOT_STARTED:
            await self._wait_for("started")
        elif cell.start_error is not None:
            raise cell.start_error.with_traceback(None)

    async def stopped(self) -> ExitReason:
        """Wait until the actor is over for good, and say why it ended.

        Raises `AskCycle` if the actor waits for the caller.
        """
        cell = self._cell
        if cell.outcome is None:
            await self._wait_for("stopped")
        return cell.outcome or Killed()

    async def _wait_for(self, what: str) -> None:
        self._check_thread()
        cell = self._cell
        asker = cell.scheduler.current
        if asker is not None:
            check_cycle(asker, cell)
        wait = Wait(cell, asker)
        cell.more.waiters += ((what, wait),)
        try:
            await cell.scheduler.wait(wait)
        finally:
            rich = cell.rich
            if rich is not None and not wait.done:
                rich.waiters = tuple(entry for entry in rich.waiters if entry[1] is not wait)
        wait.result()

    # Any: a message that the type checker has checked
    def _wrap(self, msg: Any) -> Any:
        """The mailbox item for a message."""
        return msg

    def submit(self, call: Call) -> None:
        """Put an ask into the mailbox."""
        cell = self._cell
        box = cell.box
        if box is None:
            cell.wake(call)
        else:
            box.append(call)

    # Any: what `fn` takes, and the message that it makes
    def through(self, fn: Callable[[Any], Any]) -> ActorRef[Any]:
        """A ref to the same slot whose messages `fn` adapts there, whatever incarnation it is."""
        return AdapterRef(self._cell, fn, 0)

    # Any: see Notice
    def notify(self, msg: Any, source: Source) -> None:
        """Put a message of the engine's into the mailbox, outside of its bound."""
        self._cell.put(Notice(msg, source))

    def _tell_or_drop(self, msg: M_contra) -> None:
        try:
            self.tell(msg)
        except ActorError as error:  # there is no sender any more who could catch it
            reason = UNSENT.get(type(error), "not_accepted")
            self._cell.scheduler.refuse(self._wrap(msg), self._cell, reason)

    def _check_thread(self) -> None:
        scheduler = self._cell.scheduler
        if scheduler.here() is not scheduler.home and get_ident() != scheduler.thread:
            raise scheduler.wrong_thread(self._cell)
        if scheduler.inbox.pending:  # what threads told before this
            scheduler.inbox.flush()
        if not scheduler.open:
            scheduler.check_open()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AnyRef) and cell_of(other) is self._cell

    def __hash__(self) -> int:
        return hash(id(self._cell))

    def __repr__(self) -> str:
        return f"<ref {self._cell.path}>"


class AdapterRef(ActorRef[M_contra]):
    """A ref of another message type, whose messages an actor turns into its own."""

    __slots__ = ("_fn", "_incarnation")

    _plain = False

    # Any: a message of the actor's union
    def __init__(self, cell: Cell, fn: Callable[[M_contra], Any], incarnation: int) -> None:
        super().__init__(cell)
        self._fn = fn
        self._incarnation = incarnation  # that it ends with; 0: with the slot

    def tell(self, msg: M_contra, /) -> None:
        """Send without waiting; the actor adapts the message in its own step."""
        super().tell(self._wrap(msg))

    def _wrap(self, msg: Any) -> Any:
        return Adapted(msg, self._fn, self._incarnation)

    def submit(self, call: Call) -> None:
        """Put an ask into the mailbox, to be adapted there."""
        super().tell(self._wrap(call))

    def through(self, fn: Callable[[Any], Any]) -> ActorRef[Any]:
        """A ref whose messages go through `fn` and then through this adapter."""
        mine = self._fn
        return AdapterRef(self._cell, lambda msg: mine(fn(msg)), self._incarnation)

    def notify(self, msg: Any, source: Source) -> None:
        """Put a message of the engine's into the mailbox, to be adapted there."""
        self._cell.put(Notice(msg, source, self._fn))

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


class Spawned(Protocol[Ref_co]):
    """What spawn wants of an actor: the type of its ref."""

    @property
    def ref(self) -> Ref_co:
        """The actor's address."""
        ...


class Accepting(Protocol[M_contra]):
    """An actor whose union contains `M_contra`."""

    @property
    def ref(self) -> ActorRef[M_contra]:
        """The actor's address."""
        ...


def cell_of(ref: AnyRef) -> Cell:
    """The cell that a ref names."""
    # Any: a ref of whatever protocol
    return cast("ActorRef[Any]", ref)._cell


def check_timeout(seconds: float) -> None:
    """Raise unless `seconds` is a time that can pass."""
    if not seconds > 0:
        raise BadArgument(
            f"{seconds!r} seconds is not a time to wait",
            why="a time is a number of seconds greater than 0",
            mend="give such a number; where a time may be left out, None says so",
        )

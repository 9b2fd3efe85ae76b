"""The scheduler: the run queue and the hot loop.

Cells with something to do stand in `ready`.  `run_slice` handles their messages until a time slice
is spent, nothing is ready, or an async handler suspends: that one it hands to its caller, a
carrier.  A message whose class is in the cell's fast table costs one look-up and one call; all
else (asks, notices, signals, async handlers, what is not accepted) goes through `steps`.

Laws: a cell's messages are handled one at a time, in order; `current` is the cell whose code
runs; at most BATCH messages of a cell are handled before the next cell has its turn; the clock is
looked at before the slice can be overrun by more than what was measured for one batch; of two
batches at least one is of the run queue, whatever comes into the lane.
"""

from __future__ import annotations

from contextvars import copy_context
from sys import maxsize
from time import perf_counter
from typing import TYPE_CHECKING, Any

from airssys_rt.kernel import steps
from airssys_rt.kernel.cell import NO_HANDLER, Cell
from airssys_rt.kernel.credit import BATCH, next_credit
from airssys_rt.kernel.deadlines import Deadlines
from airssys_rt.kernel.limits import box_for
from airssys_rt.kernel.mailbox import EMPTY, START
from airssys_rt.kernel.misuse import beside
from airssys_rt.kernel.native.twins import accelerated
from airssys_rt.kernel.props import DEFAULT
from airssys_rt.kernel.runqueue import RunQueue
from airssys_rt.kernel.starting import start
from airssys_rt.kernel.suspension import Done, Suspension
from airssys_rt.kernel.timers import TimerQueue
from airssys_rt.kernel.waits import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from random import Random

    from airssys_rt.core.ref import AnyRef
    from airssys_rt.core.signals import DeadReason
    from airssys_rt.kernel.limits import Limits
    from airssys_rt.kernel.mailbox import Box
    from airssys_rt.kernel.oversight import Oversight
    from airssys_rt.kernel.ports import Port
    from airssys_rt.kernel.waits import Wait
    from airssys_rt.kernel.wire import Wire

__all__ = ["Scheduler"]


@accelerated
class Scheduler(RunQueue):
    """One system's engine.  Its attributes are the engine's own; none is for users."""

    __slots__ = (
        "actors",
        "adopter",
        "asked",
        "asker",
        "buried",
        "context",
        "credit",
        "current",
        "deadlines",
        "debug",
        "guarded",
        "holding",
        "inline",
        "late_replies",
        "limits",
        "made",
        "make_box",
        "make_ref",
        "now",
        "observed",
        "oversee",
        "pool",
        "quiet",
        "random",
        "registered",
        "serial",
        "shutdown",
        "slice",
        "slice_end",
        "slicing",
        "suspended",
        "suspension",
        "system",
        "timers",
        "wire",
    )

    def __init__(
        self,
        port: Port,
        *,
        name: str,
        random: Random,
        slice_seconds: float = 0.001,
        shutdown: float = 5.0,
        debug: bool = False,
        wire: Wire | None = None,
        make_ref: Callable[[Cell], AnyRef],
        system: object,
        oversee: Callable[[Cell], Oversight],
        inline: bool = True,
    ) -> None:
        super().__init__(port, name, self.settle_quiet)
        self.random = random
        self.slice = slice_seconds
        self.shutdown = shutdown
        self.debug = debug
        self.wire = wire
        self.guarded = debug or wire is not None or beside()
        self.limits: Limits | None = None  # of the whole system; they enter themselves
        self.make_box = box_for  # the special mailboxes of guarded cells
        self.make_ref = make_ref
        self.system = system
        self.oversee = oversee
        self.holding: set[Cell] = set()  # slots between two incarnations
        self.registered: dict[str, Cell] = {}
        self.inline = inline
        if not inline:  # whoever chooses among the ready cells sees them all
            self.long = maxsize
        self.now = port.now
        self.observed = False  # somebody listens to life-cycle events
        self.pool: list[Box] = []  # empty mailboxes
        self.current: Cell | None = None
        self.asked: Cell | None = None  # whose handler runs for an ask without a `Call` yet
        self.made: Call | None = None  # that `Call`, once it is needed
        self.asker: Cell | None = None  # and who asked
        self.suspended = 0  # cells whose handler is suspended
        self.suspension: Suspension | None = None
        # in whose name carriers adopt what sync-looking handlers left during an inline ask
        self.adopter = Cell(self, None, "adopter", "running", None, DEFAULT)
        self.slicing = False  # in `run_slice`
        self.slice_end = 0.0
        self.credit = BATCH
        self.context = copy_context()  # each async handler runs in a copy
        self.timers = TimerQueue()
        self.deadlines = Deadlines()
        self.serial = 0  # of actors without a name
        self.actors = 0
        self.late_replies = 0
        self.buried = 0  # dead letters
        self.quiet: list[Wait] = []  # waits of drain()

    # -- the hot loop ----------------------------------------------------------------------

    def run_slice(self, *, fresh: bool = True) -> Suspension | None:
        """Handle messages for one time slice; a suspended handler ends it at once.

        Unless `fresh`, only what is left of the present slice is used.
        """
        start = perf_counter()
        if fresh:
            self.slice_end = start + self.slice
        elif start >= self.slice_end:
            return None
        self.slicing = True
        queue, lane, empty = self.ready, self.lane, EMPTY
        ready = self.next_of(queue, lane)
        left = self.credit
        msg: object
        while ready:
            # the light load: a cell with one message
            used = 0
            for left in range(left - 1, -1, -1):  # noqa: B020 - counts on where it stopped
                try:
                    cell = ready.popleft()
                except IndexError:  # cheaper than to ask each time
                    break
                # taken before anything else can run: see Cell.taken
                cell.first, msg = empty, cell.first
                handler = cell.find(type(msg))
                if handler is not None:
                    # idle again before its handler runs: nothing runs within a sync handler, so
                    # what that sends to its own actor is queued like all else
                    cell.box = None
                    cell.msg = msg
                    cell.handled += 1
                    try:
                        result = handler(cell.actor, msg)
                        if result is None:
                            cell.msg = None
                            continue
                        self._returned(cell, result)
                    except BaseException as error:
                        steps.fault(cell, msg, error)
                        cell.msg = None
                else:
                    self.current = cell
                    used = self.turn(cell, left) if msg is empty else self._step(cell, msg)
                    self.current = None
                if used or not ready or self.suspension is not None:
                    break
            if self.suspension is not None:
                break
            left -= used
            if left <= 0:
                now = perf_counter()
                left = self.credit = next_credit(self.credit - left, (now - start) / self.slice)
                if now >= self.slice_end:
                    break
                start = now
                ready = self.next_of(queue, lane)
            elif ready is lane and not lane:
                ready = queue
        return self._leave()

    def _step(self, cell: Cell, msg: object) -> int:
        """Handle the one item of a cell, which is no message for a sync handler."""
        try:
            if msg is START:
                start(cell)
            else:
                cell.handled += 1
                steps.step(cell, msg)
        except BaseException as error:
            steps.fault(cell, msg, error)
        if cell.first is EMPTY and cell.box is cell and self.suspension is None:
            cell.box = cell.msg = None
        else:
            self._put_back(cell)
        return 0

    def _returned(self, cell: Cell, result: object) -> None:
        """A sync-looking handler returned something: a coroutine makes its cell busy again."""
        if steps.is_coroutine(result):
            if cell.plain and cell.box is None:
                cell.box = cell
            elif not cell.plain and cell.box.idle:
                cell.box.idle = False
            else:
                self.unqueue(cell)  # it has sent itself something
            self.current = cell
            steps.told(cell, result)
            self._put_back(cell)
            self.current = None
        else:
            cell.msg = None

    def turn(self, cell: Cell, left: int) -> int:
        """Handle messages of a cell that has a queue of them.

        At most `left` of them, and one at least; how many they were.
        """
        taken = 0
        actor = cell.actor
        msg: object = None
        try:
            box = cell.box
            for taken in range(1, min(len(box), left + 1) + 1):  # noqa: B007 - used below
                msg = box.popleft()
                handler = cell.find(type(msg))
                if handler is not None:
                    cell.msg = msg
                    result = handler(actor, msg)
                    if result is not None and not steps.told(cell, result):
                        break
                elif (
                    cell.find is not NO_HANDLER
                    and (state := cell.state) is not None
                    and (handler := state.coro.get(type(msg))) is not None
                ):  # a told async handler: `steps.step`, written out
                    cell.msg = msg
                    coro = handler(actor, msg)
                    context = self.context.copy()
                    try:
                        yielded = context.run(coro.send, None)
                    except StopIteration:
                        continue
                    self._suspend(Suspension(cell, coro, context, yielded, steps.told_done))
                    break
                elif steps.step(cell, msg):
                    actor = cell.actor
                    box = cell.box
                    if not box:
                        break
                else:
                    break
        except BaseException as error:
            steps.fault(cell, msg, error)
        cell.handled += taken
        self._put_back(cell)
        return taken

    def _put_back(self, cell: Cell) -> None:
        """A cell had its turn: queue it again, or let it rest, unless it is suspended."""
        if self.suspension is None:
            cell.msg = None
            if not cell.rest():
                (self.lane if self.hasty and self.short(cell) else self.ready).append(cell)

    def _leave(self) -> Suspension | None:
        if self.lane and not self.ready:  # the queue came to its end before the lane's turn
            self.spill()
        suspension, self.suspension, self.current = self.suspension, None, None
        self.slicing = False
        return suspension

    # -- async handlers --------------------------------------------------------------------

    def drive(self, cell: Cell, coro: Coroutine[Any, Any, Any], done: Done) -> bool:
        """Step a coroutine as the cell's handler; False if the cell must be left alone now."""
        context = self.context.copy()
        try:
            yielded = context.run(coro.send, None)
        except StopIteration as stop:
            return done(cell, stop.value, None)
        except BaseException as error:
            return done(cell, None, error)
        self._suspend(Suspension(cell, coro, context, yielded, done))
        return False

    def _suspend(self, suspension: Suspension) -> None:
        self.suspension = suspension
        suspension.cell.suspension = suspension
        self.suspended += 1

    def finish(self, suspension: Suspension, result: Any, error: BaseException | None) -> None:
        """A suspended handler is over: settle it and give its cell back to the run queue."""
        cell = suspension.cell
        self.suspended -= 1
        cell.suspension = cell.waiting = None
        previous, self.current = self.current, cell
        try:
            suspension.done(cell, result, error)
        finally:
            self.current = previous
        self.release(cell)
        if self.quiet and not self.busy():
            self.settle_quiet()

    def release(self, cell: Cell) -> None:
        """A handler that was not handled in place is over: the cell goes on, or rests."""
        cell.msg = None
        if not cell.rest():
            (self.hasten if self.short(cell) else self.enqueue)(cell)

    # -- asks ------------------------------------------------------------------------------

    async def wait(self, wait: Wait, timeout: float | None = None) -> None:
        """Await a wait, with its edge in the wait-for graph and its deadline."""
        asker = wait.asker
        if asker is not None:
            asker.waiting = wait
        if timeout is not None:
            due = self.deadlines.add(wait, timeout, self.now())
            self.port.arm(due)
        try:
            await self.port.wait(wait)
        except BaseException:
            wait.give_up()
            raise
        finally:
            if asker is not None and asker.waiting is wait:
                asker.waiting = None
            if wait.deadline:
                self.deadlines.settled(wait)

    async def breathe(self) -> None:
        """Let the event loop run if the present time slice is spent."""
        if perf_counter() >= self.slice_end:
            await self.port.checkpoint()
            self.slice_end = perf_counter() + self.slice

    # -- what is not handled -----------------------------------------------------------------

    # Any: a reply of whatever type
    def answer(self, call: Call, reply: Any) -> None:
        """Give the asker its reply; a late one is counted and dropped."""
        if self.wire is not None:
            reply = self.wire.reply(call.msg, reply)
        if not call.settle(reply):
            self.late_replies += 1

    def refuse(self, item: object, cell: Cell, reason: DeadReason) -> None:
        """A mailbox item that nobody will handle: a dead letter, and an error for its asker."""
        steps.refuse(item, cell, reason)

    def admit(self, cell: Cell, item: Any) -> Any:
        """The checks of a guarded mailbox; the item as the receiver will see it."""
        self.check_thread(cell)
        return steps.admit(cell, item) if self.guarded else item

    # -- rest ------------------------------------------------------------------------------

    def busy(self) -> bool:
        """Whether a message is queued or being handled."""
        kept = self.holding and any(cell.box.inner for cell in self.holding)
        return bool(self.ready or self.suspended or self.inbox.pending or kept)

    def settle_quiet(self) -> None:
        """If nothing is queued or handled, answer those who wait for that."""
        if not self.busy():
            waits, self.quiet = self.quiet, []
            for wait in waits:
                wait.settle(None)

"""Coroutines of a world that may be cancelled by anyio's scopes: strands, scopes, task groups.

A strand is one task as anyio means it: the test's body, a child of a task group, a job, a handler.
A handler is stepped in place until it first suspends, so its strand is found by its context, and
gets its task only then.

Laws: a scope that is cancelled cancels every suspension in it (level-triggered, as on trio), but
for those in a shielded scope inside of it; a scope swallows its own cancellation, unless one around
it is cancelled as well; a strand that can already go on does so before it is cancelled.
"""

from __future__ import annotations

from contextvars import ContextVar, copy_context
from math import inf
from typing import TYPE_CHECKING, Any

from airssys_rt.kernel.waits import Wait
from airssys_rt.testing.task import Cancelled, Task, until

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType

    from airssys_rt.kernel.cell import Cell
    from tests.inworld.host import HostNet

__all__ = ["Group", "Scope", "Strand", "StrandTask", "current_net", "current_strand", "within"]

# Any throughout: what coroutines yield, are sent and return


class Strand:
    """One task as anyio means it: the scopes it is in."""

    serial = 0

    def __init__(self, above: Scope | None = None) -> None:
        Strand.serial += 1
        self.id = Strand.serial
        self.scope = above  # the innermost
        self.task: StrandTask | None = None

    def cancelled(self) -> bool:
        """Whether its suspensions are cancelled now."""
        return is_cancelled(self.scope)


def is_cancelled(scope: Scope | None) -> bool:
    """Whether the scope, or one around it that no shield keeps away, is cancelled."""
    while scope is not None:
        if scope.called:
            return True
        if scope.shield:
            return False
        scope = scope.above
    return False


NET: list[HostNet] = []  # the net of the run that goes on
STRAND: ContextVar[Strand | None] = ContextVar("STRAND", default=None)


def current_net() -> HostNet:
    """The net of the run that goes on."""
    return NET[-1]


def current_strand() -> Strand:
    """The strand whose code runs; a handler gets one when it first needs it."""
    found = STRAND.get()
    if found is None:
        found = Strand()
        STRAND.set(found)
    return found


class StrandTask(Task):
    """A strand's coroutine in the net."""

    __slots__ = ("strand",)

    def __init__(
        self,
        net: HostNet,
        coro: Coroutine[Any, Any, Any],
        done: Callable[[Any, BaseException | None], object],
        *,
        tag: str,
        strand: Strand,
        sender: object = None,
        cell: Cell | None = None,
        context: Any = None,
    ) -> None:
        if context is None:
            context = copy_context()
            context.run(STRAND.set, strand)
        super().__init__(net, coro, done, tag=tag, sender=sender, cell=cell, context=context)
        self.net: HostNet = net
        self.strand = strand
        strand.task = self

    def run(self) -> None:
        """One step."""
        self.net.running = self
        super().run()
        self.net.running = None

    def park(self, yielded: Any) -> None:
        """See to it that it goes on; at once, with a cancellation, if it is cancelled."""
        super().park(yielded)
        self.net.running = None
        self.deliver()

    def deliver(self) -> None:
        """Cancel the suspension, if it is cancelled and has not come to its end."""
        if self.place < 0 and self.net.running is not self and self.strand.cancelled():
            self.cancel()


class Scope:
    """What `anyio.CancelScope` is, on the world's time."""

    def __init__(self, *, deadline: float = inf, shield: bool = False) -> None:
        self.above: Scope | None = None
        self.strand: Strand | None = None
        self.called = self.caught = self.inside = False
        self.shield_ = shield
        self.due = deadline
        self.alarm: Alarm | None = None

    def __enter__(self) -> Scope:
        self.strand = strand = current_strand()
        self.above, strand.scope = strand.scope, self
        self.inside = True
        self.arm()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        assert self.strand is not None
        self.strand.scope = self.above
        self.inside = False
        self.disarm()
        if exc is None or not self.called or is_cancelled(self.above):
            return False
        if isinstance(exc, Cancelled):
            self.caught = True
            return True
        if isinstance(exc, BaseExceptionGroup):
            mine, rest = exc.split(Cancelled)
            self.caught = mine is not None
            if rest is None:
                return True
            if mine is not None:
                raise rest
        return False

    def arm(self) -> None:
        """Be cancelled at the deadline."""
        self.disarm()
        if self.due < inf:
            self.alarm = current_net().alarm(self.due, self.cancel)

    def disarm(self) -> None:
        """Not at the deadline."""
        if self.alarm is not None:
            self.alarm.over = True
            self.alarm = None

    def cancel(self, reason: str | None = None) -> None:
        """Cancel what is in the scope."""
        if not self.called:
            self.called = True
            for task in current_net().tasks:
                if isinstance(task, StrandTask):
                    task.deliver()

    @property
    def deadline(self) -> float:
        """When it is cancelled, on the world's time."""
        return self.due

    @deadline.setter
    def deadline(self, value: float) -> None:
        self.due = value
        if self.inside:
            self.arm()

    @property
    def cancel_called(self) -> bool:
        """Whether it was cancelled."""
        return self.called

    @property
    def cancelled_caught(self) -> bool:
        """Whether it swallowed its cancellation."""
        return self.caught

    @property
    def shield(self) -> bool:
        """Whether cancellations of scopes around it stay outside."""
        return self.shield_

    @shield.setter
    def shield(self, value: bool) -> None:
        self.shield_ = value
        for task in current_net().tasks:
            if isinstance(task, StrandTask):
                task.deliver()


class Alarm:
    """Something that is due on the world's time, until it is over."""

    __slots__ = ("over", "wake")

    def __init__(self, wake: Callable[[], object]) -> None:
        self.wake = wake
        self.over = False


async def within(wait: Wait) -> None:
    """Suspend until a wait is done; a cancellation leaves it given up."""
    try:
        await until(wait)
    except BaseException:
        wait.give_up()
        raise


class Started:
    """How a child of a task group says that it has started."""

    def __init__(self) -> None:
        self.wait = Wait(None, None)

    def started(self, value: Any = None) -> None:
        """It has."""
        self.wait.settle(value)


class Group:
    """What anyio's task group is: its children are strands of the world."""

    def __init__(self) -> None:
        self.cancel_scope = Scope()
        self._running: set[StrandTask] = set()
        self._errors: list[BaseException] = []
        self._idle: Wait | None = None
        self._open = False

    async def __aenter__(self) -> Group:
        self.cancel_scope.__enter__()
        self._open = True
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        interrupted: BaseException | None = exc if isinstance(exc, Cancelled) else None
        if exc is not None:
            self.cancel_scope.cancel()
            if interrupted is None:
                self._errors.append(exc)
        while self._running:
            self._idle = Wait(None, None)
            try:
                await within(self._idle)
            except Cancelled as error:
                interrupted = error
                self.cancel_scope.cancel()
                if self._running:
                    await self._over()
        self._open = False
        outcome: BaseException | None = interrupted
        if self._errors:
            outcome = BaseExceptionGroup("unhandled errors in a TaskGroup", self._errors)
        if self.cancel_scope.__exit__(type(outcome) if outcome else None, outcome, None):
            return True
        if outcome is None or outcome is exc:
            return False
        raise outcome

    async def _over(self) -> None:
        """Wait for the children, which are cancelled, and be cancelled no more."""
        with Scope(shield=True):
            while self._running:
                self._idle = Wait(None, None)
                await until(self._idle)

    def _start(self, func: Callable[..., Coroutine[Any, Any, Any]], args: Any, status: Any) -> None:
        if not self._open:
            raise RuntimeError("This task group is not active; no new tasks can be started.")
        net = current_net()

        def done(result: Any, error: BaseException | None) -> None:
            self._running.discard(task)
            if error is not None and status is not None and status.wait.fail(error):
                pass  # who starts it gets the error
            elif error is not None and not isinstance(error, Cancelled):
                self._errors.append(error)
                self.cancel_scope.cancel()
            if not self._running and self._idle is not None:
                self._idle.settle(None)

        made = func(*args) if status is None else func(*args, task_status=status)
        above = getattr(net.active, "tag", "task")
        number = net.children[above] = net.children.get(above, 0) + 1
        strand = Strand(self.cancel_scope)
        task = StrandTask(net, made, done, tag=f"{above}+{number}", strand=strand)
        self._running.add(task)
        task.wake()
        task.deliver()

    def start_soon(self, func: Any, *args: Any, name: object = None) -> None:
        """Start a child."""
        self._start(func, args, None)

    async def start(self, func: Any, *args: Any, name: object = None) -> Any:
        """Start a child, and wait until it says that it has started."""
        status = Started()
        self._start(func, args, status)
        await within(status.wait)
        return status.wait.result()

"""Refs around refs: the same actor, with a say in what is sent to it.

A wrapped ref names the slot of its target and takes the same messages, so it serves wherever a ref
does: in messages, `monitor`, `forward`, timers and topics.  Each kind says in `_refusal` what it
will not let pass now, and in `ask` and `send` what that means to who waits.

Laws: what is refused is a dead letter, or an error for whoever awaits it, never both nor neither;
a forwarded request that is refused is both, because its sender and its asker are two; the engine's
own notices (timers, results of jobs, `Down`) pass, as they pass a full mailbox.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from threading import get_ident
from typing import TYPE_CHECKING, Any, Self

from typing_extensions import TypeVar

from airssys_rt.kernel.deadletter import bury
from airssys_rt.kernel.ref import ActorRef, AdapterRef, cell_of

if TYPE_CHECKING:
    from airssys_rt.core.signals import DeadReason
    from airssys_rt.errors import ActorError
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.mailbox import Source
    from airssys_rt.kernel.scheduler import Scheduler
    from airssys_rt.kernel.waits import Call

__all__ = ["WrappedRef"]

M_contra = TypeVar("M_contra", contravariant=True)


class WrappedRef(ActorRef[M_contra]):
    """A ref that lets through what it does not refuse."""

    __slots__ = ("_target",)

    _plain = False

    def __init__(self, target: ActorRef[M_contra]) -> None:
        self._target = target

    # a slot of ActorRef read through a property here: refs never assign it after they are made
    @property
    def _cell(self) -> Cell:  # type: ignore[override]  # ty: ignore
        return cell_of(self._target)

    @abstractmethod
    def _refusal(self) -> Callable[[], ActorError] | None:
        """What makes the error for a message sent now; None if it may pass, and then it counts."""

    @abstractmethod
    def _around(self, target: ActorRef[Any]) -> Self:
        """The same guard, around another ref to the same actor."""

    def tell(self, msg: M_contra, /) -> None:
        """Send without waiting; what is refused becomes a dead letter (`overflow`)."""
        cell = self._cell
        scheduler = cell.scheduler
        if get_ident() != scheduler.thread:
            raise scheduler.wrong_thread(cell)
        scheduler.check_open()
        if self._refusal() is None:
            self._target.tell(msg)
        else:
            scheduler.refuse(msg, cell, "overflow")

    def submit(self, call: Call) -> None:
        """Pass a forwarded request on, or refuse it to its asker."""
        error = self._refusal()
        if error is None:
            self._target.submit(call)
        else:
            reason: DeadReason = "overflow" if call.fail(error()) else "cancelled"
            bury(call.msg, self._cell, "expired" if call.expired else reason)

    def through(self, fn: Callable[[Any], Any]) -> ActorRef[Any]:
        """A ref behind the same guard, whose messages `fn` adapts at the actor."""
        return self._around(self._target.through(fn))

    # Any: see Notice
    def notify(self, msg: Any, source: Source) -> None:
        """Put a message of the engine's into the mailbox: no guard holds it up."""
        self._target.notify(msg, source)

    def _wrap(self, msg: Any) -> Any:
        return self._target._wrap(msg)

    async def _enter(self) -> Scheduler:
        """What every wait begins with: a loop over refusals must not stop the event loop."""
        self._check_thread()
        scheduler = self._cell.scheduler
        await scheduler.breathe()
        return scheduler

    def _innermost(self) -> ActorRef[Any]:
        target = self._target
        return target._innermost() if isinstance(target, WrappedRef) else target

    def __eq__(self, other: object) -> bool:
        if isinstance(self._innermost(), AdapterRef):  # which equals itself only
            return self is other
        return super().__eq__(other)

    def __hash__(self) -> int:
        return id(self) if isinstance(self._innermost(), AdapterRef) else super().__hash__()

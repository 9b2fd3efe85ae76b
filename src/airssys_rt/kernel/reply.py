"""`ReplyTo`: a reply that is given later, by whoever holds it.

Laws: it is given once; one that nobody can give any more - dropped, or held by an incarnation that
is over - fails its asker at once, not at its deadline.
"""

from __future__ import annotations

import gc
import weakref
from threading import get_ident
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Generic, TypeGuard

from typing_extensions import TypeVar

from airssys_rt.core.message import Later
from airssys_rt.errors import HandlerFailed
from airssys_rt.kernel.cell import Cell

if TYPE_CHECKING:
    from airssys_rt.core.signals import ExitReason
    from airssys_rt.kernel.waits import Call

__all__ = ["LATER", "ReplyTo", "defer", "fail_deferred"]

R_contra = TypeVar("R_contra", contravariant=True)

LATER = Later()
SEARCH = 10_000  # objects looked at for replies that a dead instance holds


class ReplyTo(Later, Generic[R_contra]):
    """The right to answer one request; return it from the handler, keep it, or pass it on.

    When it was told, not asked, or the asker is gone, answering does nothing.
    """

    __slots__ = ("__weakref__", "_call", "_cell")

    def __init__(self, cell: Cell, call: Call | None) -> None:
        self._cell = cell
        self._call = call

    def reply(self, reply: R_contra, /) -> None:
        """Answer with `reply`; a second answer is ignored.

        Raises `ProtocolError` if wire mode cannot encode it; the answer is still due then.
        """
        call = self._call
        if call is not None:
            self._cell.scheduler.answer(call, reply)
            self._call = None

    def fail(self, error: BaseException, /) -> None:
        """Answer with an exception, which the asker gets as it is."""
        call, self._call = self._call, None
        if call is not None:
            call.fail(error)

    def drop(self, why: str) -> None:
        """Nobody will answer: tell the asker so."""
        call, self._call = self._call, None
        if call is None or call.done or call.gone:
            return
        error = HandlerFailed(
            f"the reply to {type(call.msg).__name__} was deferred and never given",
            where=self._cell.path,
            why=why,
            mend="keep the ReplyTo that defer() returns, and call reply() or fail() on it",
        )
        scheduler = self._cell.scheduler
        if get_ident() == scheduler.thread:
            call.fail(error)
        else:  # collected in another thread
            scheduler.port.soon(lambda: call.fail(error))

    def __del__(self) -> None:
        if self._call is not None:
            self.drop("the ReplyTo was dropped")

    def __repr__(self) -> str:
        given = "given" if self._call is None else f"for {type(self._call.msg).__name__}"
        return f"<reply {given} by {self._cell.path}>"


# Any: a reply of whatever type
def defer(cell: Cell, call: Call | None) -> ReplyTo[Any]:
    """The right to answer the request that the cell handles now."""
    reply: ReplyTo[Any] = ReplyTo(cell, call)
    if call is not None:
        call.handler = None
        call.target = None  # the asker waits for nobody in particular
        more = cell.more
        if more.deferred is None:
            more.deferred = weakref.WeakSet()
        more.deferred.add(reply)
    return reply


def fail_deferred(cell: Cell, instance: object, reason: ExitReason) -> None:
    """Fail the askers whose replies the dead instance holds."""
    rich = cell.rich
    if rich is None or rich.deferred is None:
        return
    made = set(rich.deferred)
    rich.deferred = None
    for reply in made and held_by(instance) & made:
        reply.drop(f"{cell.path} ended ({type(reason).__name__})")


# Any: a reply of whatever type
def is_reply(value: object) -> TypeGuard[ReplyTo[Any]]:
    """Whether it is a deferred reply."""
    return isinstance(value, ReplyTo)


def held_by(instance: object) -> set[ReplyTo[Any]]:
    """The replies that can be reached from an instance, not through other actors or code."""
    found: set[ReplyTo[Any]] = set()
    seen: set[int] = {id(instance)}
    pending: list[object] = [instance]
    opaque = (type, ModuleType, FunctionType, BuiltinFunctionType, Cell)
    while pending and len(seen) < SEARCH:
        for inner in gc.get_referents(pending.pop()):
            if id(inner) in seen or isinstance(inner, opaque):
                continue
            seen.add(id(inner))
            if is_reply(inner):
                found.add(inner)
            else:
                pending.append(inner)
    return found

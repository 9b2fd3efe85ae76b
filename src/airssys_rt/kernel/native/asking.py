"""The accelerated `ask`: one compiled call where that is all there is to it, else the pure `ask`.

It is an `async def` like the pure one, so that one that is never awaited is noticed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from airssys_rt.kernel.waits import OPEN, Call

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from airssys_rt.kernel.ref import ActorRef

__all__ = ["ask_twin"]

# Any throughout: requests and replies of every protocol
Ask: TypeAlias = "Callable[..., Coroutine[Any, Any, Any]]"


def ask_twin(pure: Ask, ask_now: Callable[..., Any], not_now: object) -> Ask:
    """The twin of `pure`, the method `ask` of refs."""

    async def ask(self: ActorRef[Any], msg: Any, /, *, timeout: float | None = 5.0) -> Any:
        outcome = ask_now(self, msg, timeout)
        if outcome is not_now:
            return await pure(self, msg, timeout=timeout)
        if type(outcome) is Call:
            if outcome.state == OPEN:
                await self._cell.scheduler.wait(outcome, timeout)
                return outcome.take()
            return outcome.result()
        return outcome

    for name in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__"):
        setattr(ask, name, getattr(pure, name))
    return ask

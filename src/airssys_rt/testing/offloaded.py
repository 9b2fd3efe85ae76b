"""Offloaded work where there is no event loop: done in place, so that a run replays.

What goes to a process or an interpreter is pickled here as well, so that what cannot be sent is
found.  The limits and queues of workers do not count: work takes no time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.runtime.inworker import call_pickled, unpickled

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from airssys_rt.runtime.offload import Work

__all__ = ["Inline"]


class Inline:
    """Does the work at once, and gives its outcome after a pause, in which others may act."""

    def __init__(self, pause: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
        self._pause = pause

    # Any: the function's own result
    async def offload(self, work: Work) -> Any:
        """Do it."""
        if work.workers.where == "thread":
            try:
                result, failure = work.call(), None
            except BaseException as error:
                result, failure = None, error
            await self.pause()
            if failure is not None:
                raise failure
            return result
        written = call_pickled(work.pickled())
        await self.pause()
        return unpickled(written)

    async def pause(self) -> None:
        """Let others act, if there are any."""
        if self._pause is not None:
            await self._pause()

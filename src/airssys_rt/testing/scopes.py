"""Cancel scopes of a simulated world: anyio's, on the world's clock.

Laws: what is cancelled stays so, each await in it raises again; the outermost cancelled scope that
no shield keeps off ends the coroutine's way out; a kill waits for the end of a shield.
"""

from __future__ import annotations

from heapq import heappush
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from airssys_rt.testing.net import Net
    from airssys_rt.testing.task import Task

__all__ = ["Cancelled", "Scope"]


class Cancelled(BaseException):
    """What ends a handler or a job that is killed or cancelled in a world."""

    scope: Scope | None = None  # whose cancellation it is; None: a kill


class Scope:
    """As `anyio.CancelScope`; `task` is whose code it is around, None until that first waits."""

    def __init__(self, net: Net, deadline: float, *, shield: bool) -> None:
        self._net = net
        self._deadline = deadline
        self.shield = shield
        self.cancel_called = False
        self.cancelled_caught = False
        self.over = True  # not entered, or left
        self.task: Task | None = None

    @property
    def deadline(self) -> float:
        """When it is cancelled by itself, on the world's clock."""
        return self._deadline

    @deadline.setter
    def deadline(self, when: float) -> None:
        self._deadline = when
        self._arm()

    def _arm(self) -> None:
        if self._deadline != inf and not self.over and not self.cancel_called:
            net = self._net
            net.count += 1
            heappush(net.naps, (max(self._deadline, net.now), net.count, self))

    def wake(self) -> None:
        """A deadline has come, if it is the present one."""
        if not self.over and self._net.now >= self._deadline:
            self.cancel()

    def cancel(self, reason: str | None = None) -> None:
        """Cancel what is in it, at its present await or the next one."""
        if not self.cancel_called:
            self.cancel_called = True
            if self.task is not None and not self.over:
                self.task.interrupt()

    def __enter__(self) -> Self:
        if not self.over:
            raise RuntimeError("a cancel scope is entered once at a time")
        self.over = False
        net = self._net
        net.scopes.append(self)
        self.task = net.runner
        if self._deadline <= net.now:
            self.cancel_called = True
        self._arm()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.over = True
        scopes = self._net.scopes
        if self in scopes:
            del scopes[scopes.index(self) :]
        if isinstance(error, Cancelled) and error.scope is self:
            self.cancelled_caught = True
            return True
        return False

    @staticmethod
    def pending(scopes: Sequence[Scope]) -> Scope | None:
        """The scope by which code in these scopes is cancelled; None if it is not."""
        found = None
        for scope in reversed(scopes):
            if scope.cancel_called:
                found = scope
            if scope.shield:
                break
        return found

    @staticmethod
    def shielded(scopes: Sequence[Scope]) -> bool:
        """Whether a kill has to wait."""
        return any(scope.shield for scope in scopes)

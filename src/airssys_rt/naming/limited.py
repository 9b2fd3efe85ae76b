"""The rate limit: a token bucket in front of an actor.

`Bucket` decides, and knows no clock nor actor.  It keeps when it was full last and the number of
tokens taken since, so that nothing adds up rounding errors.  Waiting senders stand in a queue with
one alarm.

Laws: in any `t` seconds at most `rate * t + burst` messages pass; while senders wait, the tokens
are theirs, in their order; one that gives up while it waits takes none.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from typing_extensions import TypeVar

from airssys_rt.errors import ActorError, BadArgument, RateLimited
from airssys_rt.kernel.deadletter import stopped_error
from airssys_rt.kernel.life import later
from airssys_rt.kernel.ref import ActorRef
from airssys_rt.kernel.waits import OPEN, Wait
from airssys_rt.naming.wrapped import WrappedRef

if TYPE_CHECKING:
    from airssys_rt.core.message import RequestFor
    from airssys_rt.kernel.scheduler import Scheduler

__all__ = ["Bucket", "LimitedRef", "limited"]

M = TypeVar("M")
M_contra = TypeVar("M_contra", contravariant=True)
R = TypeVar("R")


class Bucket:
    """Tokens of a rate; times are given to it."""

    __slots__ = ("armed", "burst", "rate", "since", "taken", "waiting")

    def __init__(self, rate: float, burst: int) -> None:
        self.rate = rate
        self.burst = burst
        self.since = -math.inf  # when it was full
        self.taken = 0  # tokens since then
        self.waiting: deque[Wait] = deque()
        self.armed = False  # an alarm will serve them

    @property
    def next_at(self) -> float:
        """When there is a token; past times mean now."""
        return self.since + (self.taken + 1 - self.burst) / self.rate

    def take(self, now: float) -> bool:
        """Take a token, if there is one."""
        if now >= self.since + self.taken / self.rate:
            self.since, self.taken = now, 0
        elif now < self.next_at:
            return False
        self.taken += 1
        return True

    def serve(self, now: float) -> float | None:
        """Give tokens to those who wait for one; when to do so again, if need be."""
        while self.awaited():
            if not self.take(now):
                return self.next_at
            self.waiting.popleft().settle(None)
        self.armed = False
        return None

    def awaited(self) -> bool:
        """Whether somebody waits for a token."""
        waiting = self.waiting
        while waiting and waiting[0].state != OPEN:  # it gave up, or was told not to wait
            waiting.popleft()
        return bool(waiting)


class LimitedRef(WrappedRef[M_contra]):
    """A ref through a token bucket."""

    __slots__ = ("_bucket",)

    def __init__(self, target: ActorRef[M_contra], bucket: Bucket) -> None:
        super().__init__(target)
        self._bucket = bucket

    async def send(self, msg: M_contra, /) -> None:
        """Send, and wait for a token first, then for room if the mailbox is bounded.

        Raises `ActorStopped` if the actor is over before there is a token.  Cancelled, it has not
        sent.
        """
        scheduler = await self._enter()
        if self._cell.outcome is None and self._refusal() is not None:
            await self._wait_for_token(scheduler)
        await self._target.send(msg)

    async def ask(self, msg: RequestFor[M_contra, R], /, *, timeout: float | None = 5.0) -> R:
        """Send a request and wait for its reply; raises `RateLimited` at once without a token."""
        await self._enter()
        error = self._refusal()
        if error is not None:
            raise error()
        return await self._target.ask(msg, timeout=timeout)

    async def _wait_for_token(self, scheduler: Scheduler) -> None:
        bucket, cell = self._bucket, self._cell
        now = scheduler.now
        # nobody is waited for but time, so this closes no cycle
        wait = Wait(None, scheduler.current)
        bucket.waiting.append(wait)
        if not bucket.armed:
            bucket.armed = True
            later(scheduler, bucket.next_at - now(), lambda: bucket.serve(now()))
        cell.more.when_over(wait, lambda: wait.fail(stopped_error(cell, "stopped")))
        try:
            await scheduler.wait(wait)
        finally:
            if cell.rich is not None:
                cell.rich.not_when_over(wait)
        wait.result()

    def _refusal(self) -> Callable[[], ActorError] | None:
        bucket = self._bucket
        if not bucket.awaited() and bucket.take(self._cell.scheduler.now()):
            return None
        return self._error

    def _around(self, target: ActorRef[Any]) -> Self:
        return type(self)(target, self._bucket)

    def _error(self) -> RateLimited:
        bucket = self._bucket
        return RateLimited(
            f"{self._cell.path} is asked more often than its limit allows",
            why=f"limited(rate={bucket.rate:g}, burst={bucket.burst})",
            mend="ask less often; `await ref.send(...)` waits for its turn",
        )


def limited(ref: ActorRef[M], /, *, rate: float, burst: int | None = None) -> ActorRef[M]:
    """A ref to the same actor that lets `rate` messages a second pass, and `burst` at once.

    Beyond that `ask` raises `RateLimited`, what is told becomes a dead letter (`overflow`), and
    `send` waits for its turn.  Without `burst` it is what one second brings, one at least.  All
    who are to share the limit share the ref.  Raises `BadArgument`.
    """
    if not 0 < rate < math.inf:
        raise BadArgument(
            f"{rate!r} is not a rate",
            why="a rate is a number of messages a second, greater than 0",
            mend="leave limited() out where nothing is to be limited",
        )
    if burst is None:
        burst = max(1, math.ceil(rate))
    if burst < 1 or burst != int(burst):
        raise BadArgument(
            f"a bucket of {burst!r} tokens lets nothing through",
            mend="give a burst of 1 or more",
        )
    return LimitedRef(ref, Bucket(rate, burst))

"""`VirtualTime`: event loops whose clock jumps to the next deadline when nothing else is to do.

Everything that takes its time from the loop obeys: timers, deadlines of asks, backoff, health
checks, `anyio.sleep`, timeouts.  On trio it is trio's own `MockClock`; on asyncio it is a loop
whose selector, instead of waiting for the next timer, sets the clock to it.

Where the engine itself is all that is waited for, it leaps to its next deadline without the loop.

Laws: time moves only when the loop has nothing ready and no input or output; each timer fires at
its own time, in order; what threads and sockets do takes no virtual time.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from math import inf, ulp
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from weakref import ref

import anyio
from typing_extensions import TypeVar, TypeVarTuple

from airssys_rt.errors import BadArgument, NoSystem
from airssys_rt.runtime.timekeeper import LEAPERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import trio.testing

__all__ = ["VirtualTime"]

T = TypeVar("T")
Args = TypeVarTuple("Args")
Backend: TypeAlias = Literal["asyncio", "trio"]


class VirtualTime:
    """The time of one event loop, in seconds from `start`.

    `autojump` is for how many real seconds the loop must have been idle before the clock jumps: 0
    by default; more if threads or sockets are waited for; None: it stands still but in `advance`.
    """

    def __init__(self, *, autojump: float | None = 0.0, start: float = 0.0) -> None:
        if autojump is not None and not autojump >= 0:
            raise BadArgument(
                f"VirtualTime(autojump={autojump!r}) is no time to be idle",
                mend="give real seconds, 0 or more, or None",
            )
        self._idle = autojump
        self._time = start
        self._moving = 0
        self._mock: trio.testing.MockClock | None = None

    # -- where it is used --------------------------------------------------------------------------

    def run(
        self,
        function: Callable[[*Args], Awaitable[T]],
        *args: *Args,
        backend: Backend = "asyncio",
    ) -> T:
        """Run an async function on a loop with this time, as `anyio.run` does."""
        name, options = self.backend(backend)
        return anyio.run(function, *args, backend=name, backend_options=dict(options))

    # Any: options of anyio's backends
    def backend(self, name: Backend = "asyncio") -> tuple[str, Mapping[str, Any]]:
        """The value of the fixture `anyio_backend` for a loop with this time."""
        if name == "trio":
            mock = self._trio_clock()
            return ("trio", {"clock": mock, "instruments": [TrioLeaps(self, mock)]})
        if name != "asyncio":
            raise BadArgument(
                f"VirtualTime runs on asyncio and trio, not on {name!r}",
                why="the timers of uvloop are not Python's",
                mend='give "asyncio" or "trio"',
            )
        return ("asyncio", {"loop_factory": self.new_loop})

    def _may_leap(self) -> bool:
        """Whether the engine may set the time itself, when it is all that is waited for."""
        return self._idle == 0.0 or (self._idle is None and self._moving > 0)

    def new_loop(self) -> asyncio.AbstractEventLoop:
        """An asyncio event loop with this time; the `loop_factory` of `asyncio.Runner`."""
        self._time, self._mock = self.now(), None
        loop = VirtualLoop(self)
        LEAPERS[loop] = ref(loop)
        return loop

    def _trio_clock(self) -> trio.testing.MockClock:
        import trio.testing

        mock = trio.testing.MockClock(autojump_threshold=self._threshold())
        mock.jump(self.now())
        self._mock = mock
        return mock

    def _threshold(self) -> float:
        idle = self._jumps_after()
        return inf if idle is None else idle

    # -- what a test does with it ------------------------------------------------------------------

    def now(self) -> float:
        """The present time."""
        return self._time if self._mock is None else self._mock.current_time()

    async def advance(self, seconds: float) -> None:
        """Let so much time pass, with all that is due in it; the only way with `autojump=None`."""
        if not 0 <= seconds < inf:
            raise BadArgument(
                f"time cannot advance by {seconds!r} seconds",
                mend="give a number of seconds, 0 or more",
            )
        self._check()
        self._move(1)
        try:
            await anyio.sleep(seconds)
        finally:
            self._move(-1)

    def _move(self, change: int) -> None:
        self._moving += change
        if self._mock is not None:
            self._mock.autojump_threshold = self._threshold()

    def _check(self) -> None:
        if anyio.current_time() != self.now():
            raise NoSystem(
                "this VirtualTime is not the time of the running event loop",
                why="a loop has one clock, from its beginning",
                mend="time.run(test), or time.backend(...) as the value of anyio_backend",
            )

    # -- the selector's side -----------------------------------------------------------------------

    def _jumps_after(self) -> float | None:
        """For how many real seconds the loop must be idle; None: no jump."""
        return 0.0 if self._moving and self._idle is None else self._idle

    def _jump(self, seconds: float) -> None:
        self._time += seconds


class TrioLeaps:
    """Knows whether any other task of a trio program is about to run (an instrument of trio's)."""

    def __init__(self, time: VirtualTime, mock: trio.testing.MockClock) -> None:
        import trio

        self._virtual = time
        self._mock = mock
        self._scheduled = 0  # tasks that will run
        self._statistics = trio.lowlevel.current_statistics
        LEAPERS[mock] = ref(self)

    def task_scheduled(self, _task: object) -> None:
        """A task will run."""
        self._scheduled += 1

    def before_task_step(self, _task: object) -> None:
        """It runs."""
        self._scheduled -= 1

    def idle(self) -> bool:
        """Whether no other task is about to run."""
        return not self._scheduled and self._virtual._may_leap()

    def leap(self, when: float) -> bool:
        """Set the time, unless something in trio is due until then."""
        mock, found = self._mock, self._statistics()
        now = mock.current_time()
        if found.run_sync_soon_queue_size or now + found.seconds_to_next_deadline <= when:
            return False
        mock.jump(max(when - now, 0.0))
        while mock.current_time() < when:  # a sum of floats may be a little less
            mock.jump(ulp(when))
        return True


class JumpingSelector(selectors.DefaultSelector):
    """A selector that does not wait for timers."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._virtual = time

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready; if nothing is, the clock jumps by `timeout`."""
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        idle = self._virtual._jumps_after()
        ready = super().select(idle)
        if not ready and idle is not None:
            self._virtual._jump(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop, with another clock."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__(JumpingSelector(time))
        self._virtual = time

        self._known: tuple[int, object] = (0, None)
        self._next = inf

    def time(self) -> float:
        """The virtual time."""
        return self._virtual._time

    def idle(self) -> bool:
        """Whether no callback is about to run."""
        # Any: private parts of asyncio's own loops, the same since 3.4; without them, no leaps
        ready: Any = getattr(self, "_ready", None)
        return ready is not None and not ready and self._virtual._may_leap()

    def leap(self, when: float) -> bool:
        """Set the time, unless a timer of the loop is due until then."""
        scheduled: Any = getattr(self, "_scheduled", None)  # Any: see `idle`
        if scheduled is None:
            return False
        known = (len(scheduled), scheduled[0] if scheduled else None)
        if known != self._known:
            live = (timer.when() for timer in scheduled if not timer.cancelled())
            self._next = min(live, default=inf)
            self._known = known
        if self._next <= when:
            return False
        self._virtual._time = max(when, self._virtual._time)
        return True

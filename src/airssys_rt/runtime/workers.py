"""The workers that offloaded work runs in: anyio's threads, processes and interpreters.

A system runs the work of its actors, and in code outside of actors who awaits it does.  What a
cancellation (a kill, a timeout) does to work that runs: a process is killed; a thread or an
interpreter cannot be, so it is left to itself: its result is dropped, and it counts as busy until
it is over.  Leaving a system's block waits for what was left, threads for the shutdown time only.

Laws: a slot is given back exactly once, when its worker is really free; whoever waits for one is
served in order; a process that is being started is not given up half made.
"""

from __future__ import annotations

import logging
import signal
from collections import deque
from math import inf
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_process
import anyio.to_thread
from anyio.lowlevel import RunVar

from airssys_rt.errors import WorkerDied, WorkersFull
from airssys_rt.kernel.waits import Wait
from airssys_rt.runtime.inworker import call_pickled, prepare_process, unpickled
from airssys_rt.runtime.offload import Work

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from airssys_rt.runtime.backend import Backend
    from airssys_rt.runtime.offload import Workers

__all__ = ["DIRECT", "Bench", "Crew"]

logger = logging.getLogger("airssys_rt")

FRESH = 240.0  # seconds for which anyio certainly keeps an idle process
LINGER = 0.1  # seconds


class Slots:
    """Who works, and who waits to, of one `Workers` in one event loop."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._limiter = anyio.CapacityLimiter(workers.limit)
        self._waiting = 0

    async def take(self, work: Work) -> None:
        """Wait for a free worker.  Raises `WorkersFull`."""
        try:
            self._limiter.acquire_on_behalf_of_nowait(work)
        except anyio.WouldBlock:
            queue = self._workers.queue
            if queue is not None and self._waiting >= queue:
                raise WorkersFull(
                    f"no worker is free for {work.name}, and {self._waiting} calls wait for one",
                    why=repr(self._workers),
                    mend="ask later; give the workers a longer queue or a larger limit",
                ) from None
            self._waiting += 1
            try:
                await self._limiter.acquire_on_behalf_of(work)
            finally:
                self._waiting -= 1

    def give_back(self, work: Work) -> None:
        """The worker is free."""
        self._limiter.release_on_behalf_of(work)


class Bench:
    """One event loop's workers: the slots of each `Workers`, and what is known of the processes."""

    def __init__(self) -> None:
        self._slots: dict[Workers, Slots] = {}
        self._idle: deque[float] = deque()  # since when processes that we started are idle
        # the slots are what limits; anyio wants a limiter all the same
        self.unlimited = anyio.CapacityLimiter(inf)

    @staticmethod
    def here() -> Bench:
        """That of the running event loop."""
        found = BENCH.get(None)
        if found is None:
            found = Bench()
            BENCH.set(found)
        return found

    def slots(self, workers: Workers) -> Slots:
        """The slots of these workers."""
        found = self._slots.get(workers)
        if found is None:
            found = self._slots[workers] = Slots(workers)
        return found

    # Any: the function's own result
    async def in_thread(self, call: Callable[[], Any], *, leave: bool) -> Any:
        """Call it in a thread; cancelled, `leave` the thread at it, or wait for it."""
        return await anyio.to_thread.run_sync(call, limiter=self.unlimited, abandon_on_cancel=leave)

    async def in_interpreter(self, work: Work) -> Any:
        """Call it in an interpreter, and wait for it, even if this is cancelled."""
        from anyio import to_interpreter

        payload = work.pickled()
        try:
            written = await to_interpreter.run_sync(call_pickled, payload, limiter=self.unlimited)
        except anyio.BrokenWorkerInterpreter as error:
            raise died(work) from error
        return unpickled(written)

    async def in_process(self, work: Work) -> Any:
        """Call it in a process, which is killed when this is cancelled."""
        payload = work.pickled()
        try:
            await self._ensure_process()
            written = await anyio.to_process.run_sync(
                call_pickled, payload, cancellable=True, limiter=self.unlimited
            )
        except anyio.BrokenWorkerProcess as error:
            raise died(work) from error
        self._idle.append(anyio.current_time())
        return unpickled(written)

    async def _ensure_process(self) -> None:
        """See that a process is idle; anyio forgets one that is cancelled while it starts."""
        now = anyio.current_time()
        if self._idle and now - self._idle.pop() < FRESH:
            return
        self._idle.clear()
        with anyio.CancelScope(shield=True), HELD_BACK:
            try:
                await anyio.to_process.run_sync(prepare_process, limiter=self.unlimited)
            # KeyboardInterrupt: the worker's own, where Ctrl-C could not be held back from it
            except (anyio.BrokenWorkerProcess, KeyboardInterrupt) as error:
                # anyio does not await the end of a process that did not start: here it ends
                await anyio.sleep(LINGER)
                raise anyio.BrokenWorkerProcess from error


BENCH: RunVar[Bench | None] = RunVar("airssys_rt_workers", None)


class Direct:
    """Runs the work of code outside of actors: in whose task it is awaited."""

    async def offload(self, work: Work) -> Any:
        """Do it; a cancellation kills a process, and waits for the others."""
        bench = Bench.here()
        slots = bench.slots(work.workers)
        await slots.take(work)
        try:
            if work.workers.where == "process":
                return await bench.in_process(work)
            if work.workers.where == "thread":
                return await bench.in_thread(work.call, leave=False)
            return await bench.in_interpreter(work)
        finally:
            slots.give_back(work)


DIRECT = Direct()


class Threaded:
    """Work in a thread that may be left to itself; its slot is given back when it is over."""

    def __init__(self, crew: Crew, work: Work, slots: Slots) -> None:
        self._crew = crew
        self.work = work
        self._slots = slots
        self._lock = Lock()
        self._given_up = self._begun = self._over = False

    # Any: the function's own result
    async def run(self) -> Any:
        """Do it; a cancellation leaves the thread to itself."""
        try:
            result = await Bench.here().in_thread(self.call, leave=True)
        except BaseException as error:
            self._leave()
            error.__traceback__ = of_function(error.__traceback__)
            raise
        self._slots.give_back(self.work)
        return result

    def call(self) -> Any:
        """In the thread: call the function, unless it was given up before."""
        with self._lock:
            if self._given_up:
                return None
            self._begun = True
        try:
            return self.work.call()
        finally:
            with self._lock:
                self._over = True
                alone = self.given_up()
            if alone:
                self._crew.soon(self._done)

    def given_up(self) -> bool:
        """Whether nobody waits for the work any more."""
        return self._given_up

    def _leave(self) -> None:
        """The work is over, by an error, or is not waited for any more."""
        with self._lock:
            self._given_up = True
            running = self._begun and not self._over
        if running:
            self._crew.left.add(self)
        else:
            self._slots.give_back(self.work)

    def _done(self) -> None:
        self._crew.left.discard(self)
        self._slots.give_back(self.work)


class Lasting(Wait):
    """Work in an interpreter, in a task of the system's; its asker may give it up."""

    def __init__(self, crew: Crew, work: Work, slots: Slots) -> None:
        super().__init__(None, None)
        self._crew = crew
        self.work = work
        self._slots = slots
        self._failure: BaseException | None = None  # as it was raised, with its traceback
        self._ended = False

    # Any: the function's own result
    async def run(self) -> Any:
        """Do it; a cancellation leaves the interpreter to itself."""
        backend = self._crew.backend
        backend.start(self._work, lambda: self._end(None, died(self.work)))
        try:
            await backend.sleep(self)
        except BaseException:
            self.give_up()
            self._crew.left.add(self)
            raise
        if self._failure is not None:
            raise self._failure
        return self.result()

    async def _work(self) -> None:
        result: Any = None
        failure: BaseException | None = None
        try:
            with anyio.CancelScope(shield=True):
                result = await Bench.here().in_interpreter(self.work)
        except self._crew.backend.cancelled:  # by none of ours
            failure = died(self.work)
            raise
        except BaseException as error:
            failure = error
        finally:
            self._end(result, failure)

    def _end(self, result: Any, failure: BaseException | None) -> None:
        if self._ended:
            return
        self._ended = True
        self._crew.left.discard(self)
        self._slots.give_back(self.work)
        self._failure = failure
        self.settle(result)


class Crew:
    """Runs the work of a system's actors."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._thread = get_ident()
        self.left: set[Threaded | Lasting] = set()  # what nobody waits for any more

    # Any: the function's own result
    async def offload(self, work: Work) -> Any:
        """Do it; a cancellation kills a process, and leaves the others to themselves."""
        if get_ident() != self._thread:  # a context that was copied into another loop's thread
            return await DIRECT.offload(work)
        bench = Bench.here()
        slots = bench.slots(work.workers)
        await slots.take(work)
        if work.workers.where == "thread":
            return await Threaded(self, work, slots).run()
        if work.workers.where == "interpreter":
            return await Lasting(self, work, slots).run()
        try:
            return await bench.in_process(work)
        finally:
            slots.give_back(work)

    def soon(self, action: Callable[[], object]) -> None:
        """Run it in the loop's thread, if there is still a loop."""
        try:
            self.backend.soon(action)
        except RuntimeError:  # the loop is closed: nobody counts workers there
            return

    async def close(self, seconds: float) -> None:
        """Wait for what was left to itself; after so many seconds, leave the threads behind."""
        with anyio.move_on_after(seconds, shield=True):
            while self.left:
                await anyio.sleep(0.005)
        for left in self.left:
            where = left.work.workers.where
            then = "is left without it" if where == "thread" else "waits for it"
            text = "%s still runs in a worker %s, which nothing can end; its system %s"
            logger.warning(text, left.work.name, where, then)


class HoldBack:
    """Holds Ctrl-C back from this thread and from the processes that it starts meanwhile.

    A process begins with the signal mask of the thread that starts it, so that a Ctrl-C does not
    kill it before it can ignore it; this thread gets its own when the process is there.
    """

    def __init__(self) -> None:
        self._users = 0
        self._before: set[int] = set()

    def __enter__(self) -> None:
        self._users += 1
        if self._users == 1 and hasattr(signal, "pthread_sigmask"):
            self._before = set(signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}))

    def __exit__(self, *_: object) -> None:
        self._users -= 1
        if self._users == 0 and hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_SETMASK, self._before)


HELD_BACK = HoldBack()


def of_function(found: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that is the function's own, without what called it in the thread."""
    whole = found
    while found is not None:
        if found.tb_frame.f_code is Work.call.__code__:
            return found.tb_next
        found = found.tb_next
    return whole


def died(work: Work) -> WorkerDied:
    """The error for a worker that did not survive."""
    return WorkerDied(
        f"the worker {work.workers.where} ended while it ran {work.name}",
        why="it was killed, ran out of memory, called os._exit, or failed in C code",
        mend="see the system's log; have a supervisor restart the actor",
    )

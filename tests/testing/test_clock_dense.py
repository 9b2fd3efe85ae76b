"""`VirtualTime` with dense timers: the engine leaps to the next, and passes over nothing."""

from __future__ import annotations

import gc
import threading
from typing import Any

import anyio
import anyio.to_thread
import pytest

from airssys_rt import Actor, ActorSystem, Message, Request, on
from airssys_rt.runtime.timekeeper import LEAPERS
from airssys_rt.testing import VirtualTime
from airssys_rt.testing.clock import JumpingSelector, TrioLeaps

BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])


class Tick(Message): ...


class Ticks(Request[list[float]]): ...


class Ticker(Actor[Tick | Ticks]):
    """Ticks; each `pausing`th time it takes a while."""

    def __init__(self, seconds: float, *, pausing: int = 0, pause: float = 0.0) -> None:
        self.ticks: list[float] = []
        self.pausing = pausing
        self.pause = pause
        self.every(seconds, Tick())

    @on(Tick)
    async def slow(self, msg: Tick) -> None:
        self.ticks.append(self.now())
        if self.pausing and len(self.ticks) % self.pausing == 0:
            await anyio.sleep(self.pause)

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.ticks.append(self.now())

    @on(Ticks)
    def so_far(self, msg: Ticks) -> list[float]:
        return self.ticks

    plain = tick | so_far
    pauses = slow | so_far
    initial = plain

    def pre_start(self) -> None:
        if self.pausing:
            self.become(self.pauses)


def turns(patch: pytest.MonkeyPatch, backend: str) -> list[int]:
    """Counts how often the loop turned, or a task of trio's was woken."""
    count = [0]
    owner: Any = JumpingSelector if backend == "asyncio" else TrioLeaps
    name = "select" if backend == "asyncio" else "task_scheduled"
    inner = getattr(owner, name)

    def counting(*args: Any) -> Any:
        count[0] += 1
        return inner(*args)

    patch.setattr(owner, name, counting)
    return count


@BACKENDS
def test_an_hour_of_dense_ticks_hardly_turns_the_loop(
    backend: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = turns(monkeypatch, backend)

    async def test() -> None:
        async with ActorSystem() as system:
            ref = system.spawn(Ticker, 0.5)
            await ref.started()
            begin = anyio.current_time()
            await anyio.sleep(3600.25)
            times = [time - begin for time in await ref.ask(Ticks())]
            assert times == pytest.approx([0.5 * number for number in range(1, 7201)])

    VirtualTime().run(test, backend=backend)
    assert count[0] < 200


@BACKENDS
def test_the_engine_leaps_over_no_timer_of_the_loop(backend: Any) -> None:
    async def test() -> None:
        async with ActorSystem() as system:
            ref = system.spawn(Ticker, 0.1)
            await ref.started()
            begin = anyio.current_time()
            for number in range(1, 50):
                await anyio.sleep(0.25)
                assert anyio.current_time() - begin == pytest.approx(0.25 * number)
                assert len(await ref.ask(Ticks())) in {number * 5 // 2, (number * 5 - 1) // 2}

    VirtualTime().run(test, backend=backend)


@BACKENDS
def test_a_handler_that_sleeps_among_the_ticks_goes_on_in_time(backend: Any) -> None:
    async def test() -> None:
        async with ActorSystem() as system:
            slow = system.spawn(Ticker, 1.0, pausing=10, pause=2.5)
            dense = system.spawn(Ticker, 0.125)
            await dense.started()
            begin = anyio.current_time()
            await anyio.sleep(60.0625)
            assert len(await dense.ask(Ticks())) == 480
            times = [time - begin for time in await slow.ask(Ticks())]
            # a tick waits for the handler, the ticks behind it are skipped
            assert times[8:13] == pytest.approx([9, 10, 12.5, 13, 14])

    VirtualTime().run(test, backend=backend)


@BACKENDS
def test_two_systems_of_one_loop_do_not_pass_each_other(backend: Any) -> None:
    async def test() -> None:
        async with ActorSystem("one") as one, ActorSystem("two") as two:
            fast, slow = one.spawn(Ticker, 0.5), two.spawn(Ticker, 0.75)
            await fast.started()
            await slow.started()
            begin = anyio.current_time()
            await anyio.sleep(30.1)
            for ref, seconds in ((fast, 0.5), (slow, 0.75)):
                times = [time - begin for time in await ref.ask(Ticks())]
                wanted = [seconds * number for number in range(1, int(30 / seconds) + 1)]
                assert times == pytest.approx(wanted, abs=1e-6)

    VirtualTime().run(test, backend=backend)


@BACKENDS
def test_a_thread_is_heard_among_ticks_that_never_end(backend: Any) -> None:
    async def test() -> bool:
        async with ActorSystem() as system:
            system.spawn(Ticker, 0.1)
            done = threading.Event()
            await anyio.to_thread.run_sync(done.set)
            return done.is_set()

    assert VirtualTime().run(test, backend=backend)


@BACKENDS
def test_a_clock_that_stands_still_is_not_moved_by_the_engine(backend: Any) -> None:
    time = VirtualTime(autojump=None)

    async def test() -> None:
        async with ActorSystem() as system:
            ref = system.spawn(Ticker, 0.1)
            await ref.started()
            assert await ref.ask(Ticks()) == []
            await time.advance(0.95)
            assert len(await ref.ask(Ticks())) == 9
            begin = time.now()
            for _ in range(20):
                await anyio.lowlevel.checkpoint()
            assert time.now() == begin
            assert len(await ref.ask(Ticks())) == 9

    time.run(test, backend=backend)


@BACKENDS
def test_the_test_may_be_cancelled_among_ticks_that_never_end(backend: Any) -> None:
    async def test() -> float:
        begin = anyio.current_time()
        with anyio.move_on_after(100) as scope:
            async with ActorSystem() as system:
                system.spawn(Ticker, 0.1)
                await anyio.sleep_forever()
        assert scope.cancelled_caught
        return anyio.current_time() - begin

    assert VirtualTime().run(test, backend=backend) == pytest.approx(100, abs=0.1)


@BACKENDS
def test_loops_that_are_over_are_forgotten(backend: Any) -> None:
    async def test() -> None:
        async with ActorSystem() as system:
            await system.spawn(Ticker, 0.1).started()
            assert len(LEAPERS) == before + 1

    gc.collect()
    before = len(LEAPERS)
    VirtualTime().run(test, backend=backend)
    gc.collect()
    assert len(LEAPERS) == before

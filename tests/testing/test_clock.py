"""`VirtualTime`: hours in milliseconds, on asyncio and trio."""

from __future__ import annotations

import asyncio
import threading
from time import monotonic
from typing import Any

import anyio
import anyio.to_thread
import pytest

from airssys_rt import (
    Actor,
    ActorSystem,
    AskTimeout,
    Backoff,
    BadArgument,
    Message,
    NoSystem,
    Request,
    on,
    props,
)
from airssys_rt.testing import VirtualTime

BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])
HOUR = 3600.0


class Nap(Request[float]):
    seconds: float


class Ticks(Request[list[float]]): ...


class Tick(Message): ...


class Fail(Message): ...


class Sleeper(Actor[Nap | Ticks | Tick | Fail]):
    def __init__(self) -> None:
        self.ticks: list[float] = []
        self.every(60, Tick())

    @on(Nap)
    async def nap(self, msg: Nap) -> float:
        before = self.now()
        await anyio.sleep(msg.seconds)
        return self.now() - before

    @on(Ticks)
    def so_far(self, msg: Ticks) -> list[float]:
        return self.ticks

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.ticks.append(self.now())

    @on(Fail)
    def fail(self, msg: Fail) -> None:
        raise ValueError("as told")

    initial = nap | so_far | tick | fail


@BACKENDS
def test_hours_of_timers_and_sleeps_take_no_time(backend: Any) -> None:
    async def test() -> None:
        async with ActorSystem() as system:
            ref = system.spawn(Sleeper)
            await ref.started()
            begin = anyio.current_time()
            assert await ref.ask(Nap(HOUR), timeout=None) == pytest.approx(HOUR)
            await anyio.sleep(4 * HOUR)
            ticks = [time - begin for time in await ref.ask(Ticks())]
            # one at most waits for the busy actor
            assert len(ticks) == pytest.approx(4 * 60 + 1, abs=1)
            assert ticks[-1] == pytest.approx(5 * HOUR, abs=60)

    before = monotonic()
    VirtualTime().run(test, backend=backend)
    assert monotonic() - before < 2


@BACKENDS
def test_deadlines_of_asks_obey(backend: Any) -> None:
    async def test() -> None:
        async with ActorSystem() as system:
            ref = system.spawn(Sleeper)
            begin = anyio.current_time()
            with pytest.raises(AskTimeout):
                await ref.ask(Nap(HOUR), timeout=600)
            assert anyio.current_time() - begin == pytest.approx(600)

    VirtualTime().run(test, backend=backend)


@BACKENDS
def test_backoff_obeys(backend: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with ActorSystem() as system:
            backoff = Backoff(first=100, cap=1000, jitter=0)
            ref = system.spawn(props(Sleeper).restart("permanent").backoff(backoff))
            begin = anyio.current_time()
            ref.tell(Fail())
            assert await ref.ask(Ticks(), timeout=None) == []
            assert anyio.current_time() - begin == pytest.approx(100)

    VirtualTime().run(test, backend=backend)


@BACKENDS
def test_a_timeout_of_anyio_obeys(backend: Any) -> None:
    async def test() -> float:
        with anyio.move_on_after(HOUR) as scope:
            await anyio.sleep_forever()
        assert scope.cancelled_caught
        return anyio.current_time()

    time = VirtualTime(start=1000)
    assert time.run(test, backend=backend) == pytest.approx(1000 + HOUR)
    assert time.now() == pytest.approx(1000 + HOUR)


@BACKENDS
def test_without_autojump_time_stands_still_but_in_advance(backend: Any) -> None:
    time = VirtualTime(autojump=None)
    woken: list[float] = []

    async def sleeper(seconds: float) -> None:
        await anyio.sleep(seconds)
        woken.append(time.now())

    async def test() -> None:
        async with anyio.create_task_group() as group:
            for seconds in (30, 10, 20):
                group.start_soon(sleeper, seconds)
            await anyio.to_thread.run_sync(threading.Event().wait, 0.005)
            assert (woken, time.now()) == ([], 0)
            await time.advance(25)
            assert woken == pytest.approx([10, 20])
            assert time.now() == pytest.approx(25)
            await time.advance(5)
            await time.advance(0)

    time.run(test, backend=backend)
    assert woken == pytest.approx([10, 20, 30])


@BACKENDS
def test_a_thread_that_works_delays_the_jump_if_asked_to(backend: Any) -> None:
    async def test() -> bool:
        with anyio.move_on_after(HOUR):
            await anyio.to_thread.run_sync(threading.Event().wait, 0.005)
            return True
        return False

    assert VirtualTime(autojump=5).run(test, backend=backend)


def test_one_time_goes_on_from_loop_to_loop() -> None:
    time = VirtualTime()
    backends: list[Any] = ["asyncio", "trio", "trio", "asyncio"]
    for backend in backends:
        before = time.now()
        time.run(anyio.sleep, HOUR, backend=backend)
        assert time.now() == pytest.approx(before + HOUR)


def test_uvloop_and_real_loops_are_refused_with_a_reason() -> None:
    time: Any = VirtualTime()
    with pytest.raises(BadArgument, match="uvloop"):
        time.backend("uvloop")
    with pytest.raises(NoSystem, match="not the time of the running event loop"):
        asyncio.run(time.advance(1))
    with pytest.raises(BadArgument):
        asyncio.run(time.advance(-1))
    with pytest.raises(BadArgument):
        VirtualTime(autojump=-1)

"""In a loop of inline asks the event loop is kept waiting for one time slice at most."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import anyio
import pytest

from airssys_rt import Actor, ActorSystem, Message, on
from tests.runtime.kit import Get, GetAsync, Note, Script, assert_at_rest, engine

pytestmark = pytest.mark.anyio

ONE = Get(lambda _: 1)
LATE = 0.2  # seconds: what a busy machine may add


async def asks(ref: Any) -> None:
    while True:
        await ref.ask(ONE)


async def sends(ref: Any) -> None:
    while True:
        await ref.send(Note(1))


LOOPS: dict[str, Callable[[Any], Awaitable[None]]] = {"ask": asks, "send": sends}


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("from_handler", [False, True])
async def test_a_timeout_fires_and_others_have_their_turn(from_handler: bool, loop: str) -> None:
    async with ActorSystem() as system:
        ref, asker = system.spawn(Script), system.spawn(Script)
        await ref.started()
        gaps, last = list[float](), perf_counter()
        done = anyio.Event()

        async def other() -> None:
            nonlocal last
            while not done.is_set():
                await anyio.sleep(0)
                now = perf_counter()
                gaps.append(now - last)
                last = now

        async def run(_actor: object = None) -> float:
            start = perf_counter()
            with pytest.raises(TimeoutError), anyio.fail_after(0.05):
                await LOOPS[loop](ref)
            return perf_counter() - start

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(other)
            took = await (asker.ask(GetAsync(run)) if from_handler else run())
            done.set()
        assert isinstance(took, float)
        assert took < 0.05 + 2 * engine(system).slice + LATE
        # about one turn in each slice: far fewer would mean that others are starved
        assert len(gaps) >= 5
        assert sorted(gaps)[len(gaps) // 2] < 10 * engine(system).slice
        ref.stop()
        await assert_at_rest(system)


async def test_the_loop_turns_once_a_slice_not_once_an_ask() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        await ref.started()
        scheduler = engine(system)
        checkpoints = 0
        port: Any = scheduler.port
        real = port.checkpoint

        async def checkpoint() -> None:
            nonlocal checkpoints
            checkpoints += 1
            await real()

        port.checkpoint = checkpoint
        start, count = perf_counter(), 0
        while checkpoints < 20 and count < 1_000_000:  # a stalled machine makes no difference
            await ref.ask(ONE)
            count += 1
        slices = (perf_counter() - start) / scheduler.slice
        assert 20 <= checkpoints <= slices + 1
        assert count > checkpoints


async def test_asks_that_handlers_make_of_each_other_share_the_slice() -> None:
    """A chain of asks, each inside of a handler, does not multiply the slice."""
    async with ActorSystem() as system:
        refs = [system.spawn(Script) for _ in range(4)]

        def chain(n: int) -> Callable[[object], Awaitable[object]]:
            async def work(_actor: object) -> object:
                if n + 1 == len(refs):
                    return 1
                return await refs[n + 1].ask(GetAsync(chain(n + 1)))

            return work

        with pytest.raises(TimeoutError), anyio.fail_after(0.05):
            while True:
                await refs[0].ask(GetAsync(chain(0)))
        for ref in refs:
            assert await ref.ask(ONE) == 1
        await assert_at_rest(system)


class Again(Message):
    pass


class Due(Message):
    pass


class Busy(Actor[Again | Due]):
    """Always has another message; `due` is when its timer came."""

    due = False

    def pre_start(self) -> None:
        self.after(5.0, Due())
        self.ref.tell(Again())

    @on(Again)
    def again(self, msg: Again) -> None:
        if not self.due:
            self.ref.tell(Again())

    @on(Due)
    def is_due(self, msg: Due) -> None:
        self.due = True

    initial = again | is_due


class Unwoken:
    """A clock whose sleepers never wake."""

    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    async def sleep_until(self, when: float) -> None:
        await anyio.sleep_forever()


async def test_a_busy_engine_looks_at_its_timers_after_each_slice() -> None:
    clock = Unwoken()
    async with ActorSystem("busy", clock=clock) as system:
        await system.spawn(Busy).started()
        clock.time += 6.0
        with anyio.fail_after(5):
            assert await system.drain()

"""`task.cancel()` of asyncio, which no shield stops: of an asker, and of who leaves the block."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio
import anyio.to_thread
import pytest

from airssys_rt import ActorSystem
from tests.conftest import BACKENDS
from tests.runtime.kit import (
    DoAsync,
    Get,
    GetAsync,
    Script,
    assert_at_rest,
    turns,
)

ON_ASYNCIO = [backend for backend in BACKENDS if backend.id != "trio"]

pytestmark = pytest.mark.anyio


@pytest.fixture(params=ON_ASYNCIO)
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    """Trio has no cancellation that a shield does not stop."""
    return request.param


async def slow_stop(log: list[str]) -> None:
    log.append("began")
    await anyio.sleep(0.02)
    log.append("ended")


async def takes_turns(_actor: object) -> int:
    await turns(3)
    return 1


@pytest.mark.parametrize("k", range(6))
async def test_a_native_cancellation_of_an_asking_task_is_one_like_any_other(k: int) -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        task = asyncio.ensure_future(ref.ask(GetAsync(takes_turns)))
        await turns(k)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await ref.ask(Get(lambda _: 1)) == 1
        await assert_at_rest(system)


@pytest.mark.parametrize("times", [1, 2])
async def test_a_native_cancellation_while_the_tree_stops_waits_for_it(times: int) -> None:
    log: list[str] = []

    async def program() -> None:
        async with ActorSystem(shutdown=1) as system:
            await system.spawn(Script, stopping=lambda *_: slow_stop(log)).started()

    before = len(asyncio.all_tasks())
    task = asyncio.ensure_future(program())
    while not log:
        await asyncio.sleep(0)
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    # one lets the stop go on in order, the next one kills
    assert log == (["began", "ended"] if times == 1 else ["began"])
    assert len(asyncio.all_tasks()) == before


@pytest.mark.parametrize("when", range(8))
async def test_a_native_cancellation_at_each_turn_leaves_nothing_behind(when: int) -> None:
    log: list[str] = []

    async def program() -> None:
        async with ActorSystem(shutdown=0.5) as system:
            ref = system.spawn(Script, stopping=lambda *_: log.append("post_stop"))
            ref.tell(DoAsync(lambda _: turns(3)))

    before = len(asyncio.all_tasks())
    task = asyncio.ensure_future(program())
    await turns(when)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(asyncio.all_tasks()) == before

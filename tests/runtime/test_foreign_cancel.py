"""A cancellation that the engine did not ask for fails one handler, and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio
import pytest

from airssys_rt import ActorSystem, Failed, HandlerFailed
from tests.conftest import BACKENDS
from tests.runtime.kit import (
    Do,
    DoAsync,
    Get,
    GetAsync,
    Note,
    Script,
    assert_at_rest,
    collect,
    engine,
    raises,
    turns,
)

ON_ASYNCIO = [backend for backend in BACKENDS if backend.id != "trio"]

pytestmark = pytest.mark.anyio


@pytest.fixture(params=ON_ASYNCIO)
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    """On trio nobody can cancel another's task."""
    return request.param


async def await_cancelled_task(_actor: object = None) -> None:
    task = asyncio.ensure_future(asyncio.sleep(10))
    await asyncio.sleep(0)
    task.cancel()
    await task


async def raise_cancelled(_actor: object = None) -> None:
    raise anyio.get_cancelled_exc_class()


async def cancel_own_task(_actor: object = None) -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(10)


async def cancel_own_task_and_raise(_actor: object = None) -> None:
    await asyncio.sleep(0)
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    raise asyncio.CancelledError


async def cancel_own_task_and_return(_actor: object = None) -> str:
    await asyncio.sleep(0)
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    return "done"


async def swallow(_actor: object = None) -> str:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        pass
    return "done"


@pytest.mark.parametrize("work", [await_cancelled_task, cancel_own_task, cancel_own_task_and_raise])
async def test_a_foreign_cancellation_fails_the_handler_alone(work: Any) -> None:
    async with ActorSystem() as system:
        ref, letters = system.spawn(Script), collect(system)
        other = system.spawn(Script)
        message = DoAsync(work)
        ref.tell(message)
        reason = await ref.stopped()
        assert isinstance(reason, Failed)
        assert reason.error_type == "CancelledError"
        assert [(one.message, one.reason) for one in letters] == [(message, "failed")]
        with pytest.raises(HandlerFailed):
            await system.spawn(Script).ask(GetAsync(work))
        await turns()
        assert await other.ask(GetAsync(lambda _: asyncio.sleep(0, "well"))) == "well"
        await assert_at_rest(system)


@pytest.mark.parametrize("work", [cancel_own_task_and_return, swallow])
async def test_a_handler_that_survives_a_foreign_cancellation_has_replied(work: Any) -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        for _ in range(3):
            assert await ref.ask(GetAsync(work)) == "done"
            await turns()
        await assert_at_rest(system)


async def test_a_cancellation_that_a_handler_makes_itself_is_a_failure() -> None:
    async with ActorSystem() as system:
        for message in (DoAsync(raise_cancelled), Do(raises(asyncio.CancelledError()))):
            ref = system.spawn(Script)
            ref.tell(message)
            assert isinstance(await ref.stopped(), Failed)
        await assert_at_rest(system)


@pytest.mark.parametrize("when", range(4))
async def test_cancelling_every_task_but_ones_own_does_not_break_the_engine(when: int) -> None:
    """A common, bad idiom: it fails handlers and retires carriers, and the system goes on."""
    others = asyncio.all_tasks()
    async with ActorSystem(drain=0.05, shutdown=0.05) as system:
        ref, other = system.spawn(Script), system.spawn(Script)
        if when > 1:
            await ref.started()
        other.tell(DoAsync(lambda _: anyio.sleep_forever()))
        await turns(when)
        ref.tell(Note("before"))
        for task in asyncio.all_tasks() - others:
            task.cancel()
        await turns(10)
        with anyio.fail_after(5):
            assert await ref.ask(Get(lambda actor: actor.seen)) == ["before"]
            assert await ref.ask(GetAsync(lambda _: asyncio.sleep(0, 1))) == 1
            if when > 1:
                assert isinstance(await other.stopped(), Failed)
        # the timekeeper, too
        with pytest.raises(TimeoutError):
            await ref.ask(GetAsync(lambda _: asyncio.sleep(0.5)), timeout=0.01)
    assert engine(system).awake == 0

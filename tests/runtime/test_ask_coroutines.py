"""Sync-looking handlers may return coroutines: they are awaited, as the one running handler."""

from __future__ import annotations

import time

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorStopped,
    ActorSystem,
    on,
)
from tests.runtime.kit import (
    Do,
    Get,
    GetAsync,
    Note,
    Script,
    assert_at_rest,
    collect,
    engine,
    turns,
    until,
)

pytestmark = pytest.mark.anyio


class Odd(Actor[Get | Note]):
    """Its handlers look sync and are not."""

    def __init__(self) -> None:
        self.seen = list[object]()

    async def _work(self, msg: Get) -> object:
        await turns()
        return msg.fn(self)

    @on(Get)
    def get(self, msg: Get) -> object:
        return self._work(msg)

    @on(Note)
    def note(self, msg: Note) -> None:
        self.seen.append(msg.text)

    initial = get | note


async def test_a_coroutine_from_a_sync_looking_handler_is_awaited_for_the_reply() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Odd)
        await ref.started()
        await assert_at_rest(system)
        for _ in range(3):
            engine(system).slice_end = time.perf_counter() + 60
            assert await ref.ask(Get(lambda _: 5), timeout=2) == 5
        await assert_at_rest(system)


async def test_a_coroutine_that_came_up_inline_still_is_the_actors_one_handler() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Odd)
        asker = system.spawn(Script)
        await ref.started()

        async def check(actor: object) -> object:
            assert isinstance(actor, Odd)
            return list(actor.seen)

        async def ask(_actor: object) -> object:
            return await ref.ask(Get(lambda actor: list(actor.seen)), timeout=2)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, None)
            await turns(1)
            ref.tell(Note("later"))
            assert await asker.ask(GetAsync(ask)) == ["later"]
        await assert_at_rest(system)


async def test_a_told_coroutine_from_a_sync_looking_handler_is_awaited_and_may_fail() -> None:
    async with ActorSystem() as system:
        ref, letters = system.spawn(Script), collect(system)
        done: list[str] = []

        async def work(_actor: object) -> None:
            await turns()
            done.append("worked")

        ref.tell(Do(work))
        await ref.ask(Get(lambda _: 1))
        assert done == ["worked"]

        async def fails(_actor: object) -> None:
            await turns()
            raise ValueError

        ref.tell(Do(fails))
        with pytest.raises(ActorStopped):
            await ref.ask(Get(lambda _: 1))
        assert [one.reason for one in letters] == ["failed", "failed"]


async def test_a_coroutine_told_to_one_actor_is_parked_while_another_is_asked() -> None:
    async with ActorSystem() as system:
        odd, ref = system.spawn(Script), system.spawn(Script)
        await odd.started()
        await ref.started()
        await assert_at_rest(system)
        done: list[str] = []

        async def work(_actor: object) -> None:
            await turns()
            done.append("worked")

        engine(system).slice_end = time.perf_counter() + 60
        odd.tell(Do(work))
        assert await ref.ask(Get(lambda _: 1)) == 1
        await until(lambda: done == ["worked"], 2)
        await assert_at_rest(system)

"""What is over is freed by its last ref, without the collector."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from airssys_rt import Actor, ActorSystem, Message, on
from airssys_rt.kernel.cell import Cell


class Ping(Message):
    pass


class Plain(Actor[Ping]):
    @on(Ping)
    def ping(self, msg: Ping) -> None:
        """Nothing to do."""

    initial = ping


def cells() -> int:
    return sum(isinstance(found, Cell) for found in gc.get_objects())


@pytest.mark.anyio
async def test_a_dead_actor_is_freed_with_its_last_ref() -> None:
    async with ActorSystem("garbage") as system:
        gc.collect()
        before = cells()
        gc.disable()
        try:
            # Any: what becomes of the refs is the point
            refs: list[Any] = [system.spawn(Plain) for _ in range(100)]
            for ref in refs:
                ref.tell(Ping())
                ref.stop()
            await system.drain()
            assert cells() == before + 100
            del refs, ref
            assert cells() == before
        finally:
            gc.enable()


@pytest.mark.anyio
async def test_a_dead_actor_still_refuses_by_name() -> None:
    async with ActorSystem("garbage") as system:
        ref = system.spawn(Plain)
        path = ref.path
        ref.stop()
        await ref.stopped()
        async with system.dead_letters.stream() as letters:
            ref.tell(Ping())
            async for letter in letters:
                assert (letter.path, letter.reason, letter.ref) == (path, "stopped", ref)
                break


class Failing(Actor[Ping]):
    @on(Ping)
    def ping(self, msg: Ping) -> None:
        raise RuntimeError("boom")

    initial = ping


@pytest.mark.anyio
async def test_an_actor_that_failed_is_collected_though_its_exception_leads_back_to_it() -> None:
    async with ActorSystem("garbage") as system:
        gc.collect()
        before = cells()
        for _ in range(100):
            system.spawn(Failing).tell(Ping())
        await system.drain()
        gc.collect()
        assert cells() <= before + 1

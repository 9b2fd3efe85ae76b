"""A limited ref lets so many messages a second pass."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import (
    ActorStopped,
    ActorSystem,
    BadArgument,
    Name,
    RateLimited,
    limited,
    props,
)
from tests.naming.guarded import Get, Guarded, Note, Pass, Server, ServerMsg
from tests.virtual import VirtualClock, advance, turns

pytestmark = pytest.mark.anyio


async def test_what_is_told_beyond_the_rate_is_a_dead_letter() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system, system.dead_letters.stream() as dead:
        seen: list[int] = []
        slow = limited(system.spawn(Server, seen), rate=2, burst=3)
        for number in range(5):
            slow.tell(Note(number))
        await advance(system, clock, 0.5)
        slow.tell(Note(5))
        slow.tell(Note(6))
        await advance(system, clock, 100)
        for number in range(7, 12):
            slow.tell(Note(number))
        await system.drain()
        assert seen == [0, 1, 2, 5, 7, 8, 9]
        letters = [await anext(dead) for _ in range(5)]
        assert [letter.message for letter in letters] == [Note(n) for n in (3, 4, 6, 10, 11)]
        assert {letter.reason for letter in letters} == {"overflow"}


async def test_an_ask_beyond_the_rate_fails_at_once() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        slow = limited(system.spawn(props(Server).named("server")), rate=2, burst=1)
        assert await slow.ask(Get()) == 1
        with pytest.raises(RateLimited, match="RT022 /server is asked more often") as caught:
            await slow.ask(Get())
        assert caught.value.why == "limited(rate=2, burst=1)"
        await advance(system, clock, 0.5)
        assert await slow.ask(Get()) == 2


async def test_a_send_waits_for_its_turn() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        seen: list[int] = []
        slow = limited(system.spawn(Server, seen), rate=2, burst=1)

        async with anyio.create_task_group() as tasks:
            for number in range(4):
                tasks.start_soon(slow.send, Note(number))
                await turns()
            for count in range(1, 5):
                assert seen == list(range(count))
                with pytest.raises(RateLimited):  # the tokens are theirs who wait
                    await slow.ask(Get())
                await advance(system, clock, 0.5)
        assert await slow.ask(Get()) == 1


async def test_a_cancelled_send_takes_no_token_and_has_not_sent() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        seen: list[int] = []
        slow = limited(system.spawn(Server, seen), rate=1, burst=1)
        await slow.send(Note(0))
        for _ in range(3):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(slow.send, Note(1))
                await turns()
                tasks.cancel_scope.cancel()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(slow.send, Note(2))
            await advance(system, clock, 1)
        assert seen == [0, 2]
        await advance(system, clock, 1)
        assert await slow.ask(Get()) == 1


@pytest.mark.parametrize("how", ["actor", "system"])
async def test_a_send_that_waits_ends_with_the_actor(how: str) -> None:
    failed: list[str] = []

    async def send(slow: Guarded) -> None:
        try:
            await slow.send(Note(1))
        except ActorStopped as error:
            failed.append(error.code)

    async with anyio.create_task_group() as tasks, ActorSystem(clock=VirtualClock()) as system:
        server: Guarded = system.spawn(Server)
        slow = limited(server, rate=1, burst=1)
        slow.tell(Note(0))
        tasks.start_soon(send, slow)
        await turns()
        if how == "actor":
            server.stop()
            await server.stopped()
            await slow.send(Note(2))  # a dead letter; there is nothing to wait for
            assert system.snapshot().dead_letters == 1
    assert failed == ["RT011"]


SERVER: Name[ServerMsg] = Name[ServerMsg]("server")


async def test_a_name_without_a_holder_is_not_waited_for() -> None:
    async with ActorSystem(clock=VirtualClock()) as system:
        slow = limited(system.ref(SERVER), rate=1, burst=1)
        for _ in range(3):
            await slow.send(Note())
        assert system.snapshot().dead_letters == 3


async def test_a_forwarded_request_passes_or_is_refused_to_its_asker() -> None:
    async with ActorSystem(clock=VirtualClock()) as system:
        slow = limited(system.spawn(Server), rate=1, burst=1)
        front: Guarded = system.spawn(Server)
        assert await front.ask(Pass(slow)) == 1
        with pytest.raises(RateLimited):
            await front.ask(Pass(slow))
        assert system.snapshot().dead_letters == 1


async def test_without_a_burst_it_is_what_one_second_brings() -> None:
    async with ActorSystem(clock=VirtualClock()) as system:
        for rate, burst in ((0.1, 1), (1, 1), (2.5, 3), (10, 10)):
            seen: list[int] = []
            slow = limited(system.spawn(Server, seen), rate=rate)
            for number in range(20):
                slow.tell(Note(number))
            await system.drain()
            assert len(seen) == burst


async def test_on_the_loops_own_clock_a_send_waits_as_well() -> None:
    async with ActorSystem() as system:
        seen: list[int] = []
        slow = limited(system.spawn(Server, seen), rate=500, burst=1)
        with anyio.fail_after(5):
            for number in range(4):
                await slow.send(Note(number))
        await system.drain()
        assert seen == [0, 1, 2, 3]


async def test_values_that_make_no_sense_are_refused() -> None:
    async with ActorSystem() as system:
        server = system.spawn(Server)
        for rate in (0, -1, float("nan"), float("inf")):
            with pytest.raises(BadArgument):
                limited(server, rate=rate)
        half: Any = 1.5
        for burst in (0, -1, half):
            with pytest.raises(BadArgument):
                limited(server, rate=1, burst=burst)

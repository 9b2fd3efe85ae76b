"""`send` waits for room; stops have their place before or behind what was sent."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

from airssys_rt import (
    ActorStopped,
    ActorSystem,
    Bounded,
    props,
)
from tests.kernel.boxes import Item, Slow, held, letters_of
from tests.virtual import turns

pytestmark = pytest.mark.anyio


async def test_send_waits_for_room_and_keeps_each_senders_order() -> None:
    seen: list[object] = []
    async with ActorSystem() as system:
        ref, gate = await held(system, 2, "reject", seen)
        sent: list[int] = []

        async def sender(first: int) -> None:
            for number in range(first, first + 10):
                await ref.send(Item(number))
                sent.append(number)

        async with anyio.create_task_group() as tasks:
            for first in (0, 100, 200):
                tasks.start_soon(sender, first)
            await turns()
            assert len(sent) == 2
            gate.set()
        await system.drain()
        numbers = [entry for entry in seen if isinstance(entry, int)]
        assert len(numbers) == 30
        for first in (0, 100, 200):
            mine = [number for number in numbers if first <= number < first + 10]
            assert mine == list(range(first, first + 10))


async def test_a_send_that_is_cancelled_while_it_waits_has_not_sent() -> None:
    seen: list[object] = []
    async with ActorSystem() as system:
        ref, gate = await held(system, 1, "reject", seen)
        ref.tell(Item(1))
        with anyio.move_on_after(0.005) as scope:
            await ref.send(Item(2))
        assert scope.cancelled_caught
        gate.set()
        await system.drain()
        assert seen == [1]
        assert system.snapshot().dead_letters == 0


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_send_that_waits_when_the_actor_stops_fails(cancelled: bool) -> None:
    seen: list[object] = []
    async with ActorSystem() as system:
        ref, gate = await held(system, 1, "reject", seen)
        ref.tell(Item(1))
        async with anyio.create_task_group() as tasks:

            async def send() -> None:
                if cancelled:
                    with anyio.move_on_after(0.005):
                        await ref.send(Item(2))
                else:
                    with pytest.raises(ActorStopped):
                        await ref.send(Item(2))

            tasks.start_soon(send)
            await anyio.sleep(0.01)
            ref.stop()
            gate.set()
        await ref.stopped()
        assert system.snapshot().dead_letters == (1 if cancelled else 2)


async def test_send_to_an_unbounded_mailbox_does_not_wait() -> None:
    seen: list[object] = []
    async with ActorSystem() as system:
        ref = system.spawn(Slow, seen)
        for number in range(5):
            await ref.send(Item(number))
        await system.drain()
        assert seen == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("bounded", [False, True])
async def test_a_draining_stop_stands_behind_what_was_sent_and_refuses_what_comes_after(
    bounded: bool,
) -> None:
    seen: list[object] = []
    async with ActorSystem() as system:
        recipe = props(Slow, seen)
        ref = system.spawn(recipe.mailbox(Bounded(3)) if bounded else recipe)
        async with system.dead_letters.stream() as stream:
            for number in range(3):
                ref.tell(Item(number))
            ref.stop(drain=True)
            ref.stop(drain=True)
            await ref.stopped()
            ref.tell(Item(9))
            assert await letters_of(system, stream, 1) == [(Item(9), "stopped")]
        assert seen == [0, 1, 2]


async def test_a_stop_acts_before_what_was_sent() -> None:
    seen: list[object] = []
    async with ActorSystem() as system:
        ref, gate = await held(system, 3, "reject", seen)
        ref.tell(Item(1))
        ref.stop()
        gate.set()
        await ref.stopped()
        assert seen == []
        assert system.snapshot().dead_letters == 1

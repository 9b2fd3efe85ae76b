"""Timers by key: when their messages arrive, and when they must not."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

from airssys_rt import (
    ActorRef,
    ActorSystem,
    BadArgument,
    Timer,
)
from tests.kernel.clocked import Act, Clocked, Seen, Tick
from tests.virtual import VirtualClock, advance

pytestmark = pytest.mark.anyio


async def test_after_sends_once_when_the_time_has_come() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Clocked)
        await ref.ask(Act(lambda a: a.after(2, Tick(1)) and None))
        await advance(system, clock, 1.9)
        assert await ref.ask(Seen()) == []
        await advance(system, clock, 0.1)
        assert await ref.ask(Seen()) == [1]
        await advance(system, clock, 100)
        assert await ref.ask(Seen()) == [1]


async def test_timers_arrive_in_the_order_of_their_times_those_of_one_time_as_they_were_set() -> (
    None
):
    def start(actor: Clocked) -> None:
        for seconds, number in [(3, 30), (1, 10), (2, 20), (1, 11), (3, 31)]:
            actor.after(seconds, Tick(number))

    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Clocked)
        await ref.ask(Act(start))
        await advance(system, clock, 10)
        assert await ref.ask(Seen()) == [10, 11, 20, 30, 31]


async def test_every_keeps_its_rate() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Clocked)
        await ref.ask(Act(lambda a: a.every(1, Tick(1)) and None))
        for _ in range(10):
            await advance(system, clock, 0.7)
        assert len(await ref.ask(Seen())) == 7


async def test_every_skips_what_it_missed_and_goes_on_at_its_rate() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Clocked)
        await ref.ask(Act(lambda a: a.every(1, Tick(1)) and None))
        await advance(system, clock, 5.5)
        assert len(await ref.ask(Seen())) == 1
        await advance(system, clock, 0.4)
        assert len(await ref.ask(Seen())) == 1
        await advance(system, clock, 0.1)
        assert len(await ref.ask(Seen())) == 2


async def test_at_most_one_tick_waits_for_a_busy_actor() -> None:
    clock = VirtualClock()

    async def work(actor: Clocked) -> None:
        for _ in range(5):
            clock.jump(1)
            for _ in range(20):
                await anyio.lowlevel.checkpoint()

    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Clocked)
        await ref.ask(Act(lambda a: a.every(1, Tick(1)) and None))
        await ref.ask(Act(work), timeout=None)
        await system.drain()
        assert await ref.ask(Seen()) == [1]
        await advance(system, clock, 1)
        assert await ref.ask(Seen()) == [1, 1]


async def test_a_timer_with_the_same_key_is_replaced() -> None:
    def start(actor: Clocked) -> None:
        actor.after(1, Tick(1), key="k")
        actor.after(2, Tick(2), key="k")
        actor.after(1, Tick(3), key="other")

    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Clocked)
        await ref.ask(Act(start))
        await advance(system, clock, 1)
        assert await ref.ask(Seen()) == [3]
        await advance(system, clock, 1)
        assert await ref.ask(Seen()) == [3, 2]


async def test_cancel_timer_takes_a_key_or_the_timer_and_says_whether_there_was_one() -> None:
    def start(actor: Clocked) -> list[bool]:
        by_key = actor.cancel_timer("k")
        actor.after(1, Tick(1), key="k")
        unkeyed = actor.after(1, Tick(2))
        keyed = actor.after(1, Tick(3), key="other")
        return [
            by_key,
            actor.cancel_timer("k"),
            actor.cancel_timer("k"),
            actor.cancel_timer(unkeyed),
            actor.cancel_timer(unkeyed),
            actor.cancel_timer(keyed),
            actor.cancel_timer("other"),
        ]

    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Clocked)
        found = await ref.ask(Act(start))
        assert found == [False, True, False, True, False, True, False]
        await advance(system, clock, 2)
        assert await ref.ask(Seen()) == []


async def test_cancelling_a_replaced_timer_leaves_the_one_that_replaced_it() -> None:
    def start(actor: Clocked) -> bool:
        old = actor.after(1, Tick(1), key="k")
        actor.after(1, Tick(2), key="k")
        return actor.cancel_timer(old)

    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Clocked)
        assert await ref.ask(Act(start)) is False
        await advance(system, clock, 2)
        assert await ref.ask(Seen()) == [2]


async def test_a_timer_that_has_arrived_is_there_no_more() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Clocked)
        await ref.ask(Act(lambda a: a.after(1, Tick(1), key="k") and None))
        await advance(system, clock, 1)
        assert await ref.ask(Act(lambda a: a.cancel_timer("k"))) is False


@pytest.mark.parametrize("how", ["cancel", "replace", "object"])
async def test_a_timer_that_is_cancelled_never_arrives_even_if_queued(how: str) -> None:
    clock = VirtualClock()

    async def late(actor: Clocked) -> None:
        timer: Timer = actor.after(1, Tick(1), key="k")
        clock.jump(1)
        for _ in range(20):  # the tick is put into the mailbox behind this handler
            await anyio.lowlevel.checkpoint()
        if how == "cancel":
            assert actor.cancel_timer("k")
        elif how == "object":
            timer.cancel()
        else:
            actor.after(1, Tick(2), key="k")

    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Clocked)
        await ref.ask(Act(late))
        assert await ref.ask(Seen()) == []
        await advance(system, clock, 1)
        assert await ref.ask(Seen()) == ([2] if how == "replace" else [])
        assert system.snapshot().dead_letters == 0


async def test_no_timer_arrives_after_the_actors_end() -> None:
    clock = VirtualClock()

    def start(actor: Clocked, other: ActorRef[Tick]) -> None:
        actor.every(1, Tick(1))
        actor.after(1, Tick(2))
        actor.after(1, Tick(3), to=other)

    async with ActorSystem(clock=clock) as system:
        ref, other = system.spawn(Clocked), system.spawn(Clocked)
        await ref.ask(Act(lambda a: start(a, other)))
        ref.stop()
        await ref.stopped()
        await advance(system, clock, 3)
        assert await other.ask(Seen()) == []
        assert system.snapshot().dead_letters == 0


@pytest.mark.parametrize("seconds", [0, -1, -0.0, float("nan")])
async def test_a_time_that_is_not_in_the_future_is_an_error(seconds: float) -> None:
    def start(actor: Clocked) -> int:
        count = 0
        for verb in (actor.after, actor.every, actor.state_timeout, actor.receive_timeout):
            with pytest.raises(BadArgument, match="RT002"):
                verb(seconds, Tick())
            count += 1
        return count

    async with ActorSystem() as system:
        ref = system.spawn(Clocked)
        assert await ref.ask(Act(start)) == 4


@pytest.mark.parametrize("seconds", [1e6, 1e12, float("inf")])
async def test_a_time_that_is_far_away_hurts_nobody(seconds: float) -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Clocked)
        await ref.ask(Act(lambda a: a.after(seconds, Tick()) and None), timeout=seconds)
        await anyio.lowlevel.checkpoint()
        assert await ref.ask(Seen()) == []


async def test_timers_run_on_the_loops_own_time() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Clocked)
        await ref.ask(Act(lambda a: a.after(0.002, Tick(1)) and None))
        with anyio.fail_after(5):
            while not await ref.ask(Seen()):
                await anyio.sleep(0.001)

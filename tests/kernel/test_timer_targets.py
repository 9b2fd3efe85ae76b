"""Timers whose message goes to somebody else."""

from __future__ import annotations

from typing import Any

import pytest

from airssys_rt import (
    ActorSystem,
    DeadLetter,
    Name,
    props,
)
from tests.kernel.clocked import Act, Clocked, Seen, Tick
from tests.virtual import VirtualClock, advance

pytestmark = pytest.mark.anyio


async def test_a_timer_may_send_to_another_actor() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref, other = system.spawn(Clocked), system.spawn(Clocked)
        await ref.ask(Act(lambda a: a.after(1, Tick(7), to=other) and None))
        await advance(system, clock, 1)
        assert await other.ask(Seen()) == [7]
        assert await ref.ask(Seen()) == []


async def test_a_timer_may_send_to_an_adapter() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref, other = system.spawn(Clocked), system.spawn(Clocked)
        adapter: Any = await other.ask(Act(lambda a: a.adapter(lambda text: Tick(len(text)))))
        await ref.ask(Act(lambda a: a.after(1, "four", to=adapter) and None))
        await advance(system, clock, 1)
        assert await other.ask(Seen()) == [4]


CLOCKED: Name[Tick] = Name[Tick]("clocked")


async def test_a_timer_to_a_name_finds_its_holder_when_it_is_due() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Clocked)
        await ref.ask(Act(lambda a: a.after(1, Tick(7), to=system.ref(CLOCKED)) and None))
        other = system.spawn(props(Clocked).named(CLOCKED))
        await advance(system, clock, 1)
        assert await other.ask(Seen()) == [7]


async def test_a_timer_to_an_actor_that_is_over_makes_a_dead_letter_and_is_forgotten() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref, other = system.spawn(Clocked), system.spawn(Clocked)
        await ref.ask(Act(lambda a: a.after(1, Tick(7), key="k", to=other) and None))
        other.stop()
        await other.stopped()
        async with system.dead_letters.stream() as letters:
            await advance(system, clock, 1)
            letter: DeadLetter = await anext(letters)
        assert (letter.message, letter.reason) == (Tick(7), "stopped")
        assert await ref.ask(Act(lambda a: a.cancel_timer("k"))) is False

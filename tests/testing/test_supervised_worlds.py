"""Supervised actors in worlds: whatever fails, each message is accounted for, by identity."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airssys_rt import Actor, Message, Name, Supervisor, on, props
from airssys_rt.testing import PCT, Uniform, World
from airssys_rt.testing.exploring import Settings, run
from airssys_rt.testing.schedule import Driver


class Mark(Message):
    number: int


class Boom(Message):
    number: int


class Leave(Message):
    number: int


class Slow(Message):
    number: int


Msg = Mark | Boom | Leave | Slow


class Marked(Actor[Msg]):
    """Notes what it has handled, outside of itself."""

    def __init__(self, handled: list[int], running: list[int]) -> None:
        self.handled = handled
        self.running = running

    @on(Mark)
    def mark(self, msg: Mark) -> None:
        assert not self.running
        self.handled.append(msg.number)

    @on(Boom)
    def boom(self, msg: Boom) -> None:
        raise ValueError("boom")

    @on(Leave)
    def leave(self, msg: Leave) -> None:
        self.handled.append(msg.number)
        self.stop()

    @on(Slow)
    async def slow(self, msg: Slow) -> None:
        assert not self.running
        self.running.append(msg.number)
        world = self.system
        assert isinstance(world, World)
        try:
            await world.sleep(0.5)
            self.handled.append(msg.number)
        finally:
            self.running.remove(msg.number)

    initial = mark | boom | leave | slow


KINDS: tuple[type[Mark] | type[Boom] | type[Leave] | type[Slow], ...] = (Mark, Boom, Leave, Slow)
STRATEGIES: tuple[Literal["one_for_one", "one_for_all", "rest_for_one"], ...] = (
    "one_for_one",
    "one_for_all",
    "rest_for_one",
)


@settings(max_examples=60)
@given(
    sends=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(KINDS)), max_size=12),
    strategy=st.sampled_from(STRATEGIES),
    restarts=st.lists(
        st.sampled_from(["permanent", "transient", "temporary"]), min_size=3, max_size=3
    ),
    intensity=st.integers(0, 4),
    crash=st.sampled_from([0.0, 0.3]),
    seed=st.integers(0, 5),
)
@pytest.mark.parametrize("policy", [Uniform(), PCT(3)], ids=["uniform", "pct"])
def test_each_message_is_handled_once_or_a_dead_letter(
    policy: Uniform | PCT,
    sends: list[tuple[int, type[Mark] | type[Boom] | type[Leave] | type[Slow]]],
    strategy: Literal["one_for_one", "one_for_all", "rest_for_one"],
    restarts: list[Literal["permanent", "transient", "temporary"]],
    intensity: int,
    crash: float,
    seed: int,
) -> None:
    handled: list[int] = []
    worlds: list[World] = []

    async def scenario(world: World) -> None:
        worlds.append(world)
        names: list[Name[Msg]] = [Name(f"child{number}") for number in range(3)]
        children = [
            props(Marked, handled, []).named(name).restart(restart)
            for name, restart in zip(names, restarts, strict=True)
        ]
        world.spawn(props(Supervisor, children, strategy=strategy, intensity=intensity))
        await world.settle()
        if crash:
            world.inject(crash=crash, slow=crash)

        async def client(first: int) -> None:
            for number in range(first, len(sends), 2):
                child, kind = sends[number]
                world.ref(names[child]).tell(kind(number))
                if number % 3 == 0:
                    await world.sleep(0.1)

        await world.gather(client(0), client(1))
        await world.sleep(30.0)

    drivers = [*policy.drivers(seed, 6)]
    for driver in drivers:
        handled.clear()
        assert isinstance(driver, Driver)
        error = run(scenario, Settings(), driver)
        if error is not None:
            raise error
        letters = [
            letter.message.number
            for letter in worlds[-1].port.letters
            if isinstance(letter.message, (Mark, Boom, Leave, Slow))
        ]
        assert sorted(handled + letters) == list(range(len(sends)))

"""`simulate` makes tests of scenarios, with data that Hypothesis draws and shrinks."""

from __future__ import annotations

import inspect
import time

import pytest
from hypothesis import example, settings
from hypothesis import strategies as st
from hypothesis.errors import DeadlineExceeded

from airssys_rt.errors import Counterexample
from airssys_rt.testing import PCT, World, replay, simulate
from tests.testing.players import Add, Counter, Get, Go, Racer, Read, Register


@simulate(schedules=20, policy=PCT(2))
async def test_a_counter_counts(world: World) -> None:
    counter = world.spawn(Counter)
    counter.tell(Add(1))
    await world.settle()
    assert await counter.ask(Get()) == 1


@simulate(amounts=st.lists(st.integers(-9, 9)))
async def test_a_counter_adds_what_is_drawn(world: World, amounts: list[int]) -> None:
    counter = world.spawn(Counter)

    async def client(amount: int) -> None:
        counter.tell(Add(amount))

    await world.gather(*(client(amount) for amount in amounts))
    await world.settle()
    assert await counter.ask(Get()) == sum(amounts)


@settings(max_examples=5)
@example(amount=3)
@simulate(amount=st.integers(0, 3))
async def test_settings_and_examples_work(world: World, amount: int) -> None:
    counter = world.spawn(Counter)
    counter.tell(Add(amount))
    assert await counter.ask(Get()) == amount


async def blocks(world: World, amount: int) -> None:
    time.sleep(0.05)


def test_a_draw_may_take_its_time_unless_the_test_says_how_long() -> None:
    before = settings.get_current_profile_name()
    hurried = settings(deadline=10, database=None)
    settings.register_profile("hurried", hurried)
    settings.load_profile("hurried")
    make = simulate(schedules=1, amount=st.just(1))
    try:
        make(blocks)()
        for test in (hurried(make(blocks)), make(hurried(blocks))):
            with pytest.raises(DeadlineExceeded):
                test()
    finally:
        settings.load_profile(before)


def test_what_pytest_sees_takes_no_arguments() -> None:
    for test in (test_a_counter_counts, test_a_counter_adds_what_is_drawn):
        assert not inspect.signature(test).parameters
        assert not inspect.iscoroutinefunction(test)


@settings(database=None, max_examples=50)
@simulate(racers=st.lists(st.integers(0, 3), max_size=8), noise=st.integers(0, 5))
async def racing(world: World, racers: list[int], noise: int) -> None:
    register = world.spawn(Register)
    runners = [world.spawn(Racer, register) for _ in range(4)]
    for racer in racers:
        runners[racer].tell(Go())
    await world.settle()
    assert await register.ask(Read()) == len(racers)


def test_program_and_schedule_are_shrunk_together() -> None:
    with pytest.raises(Counterexample) as caught:
        racing()
    text = str(caught.value)
    notes = "\n".join(caught.value.__notes__)
    assert "racers=[0, 1]" in notes
    assert "noise=0" in notes
    assert "lambda world: racing.scenario(world, racers=[0, 1], noise=0)" in text
    token = text.split('"')[1]
    scenario = racing.scenario  # type: ignore[attr-defined]
    with pytest.raises(Counterexample):
        replay(lambda world: scenario(world, racers=[0, 1], noise=0), token)


@simulate(schedules=50)
async def lost(world: World) -> None:
    register = world.spawn(Register)
    for _ in range(2):
        world.spawn(Racer, register).tell(Go())
    await world.settle()
    assert await register.ask(Read()) == 2


def test_a_failing_scenario_is_reported_with_a_test_that_runs() -> None:
    with pytest.raises(Counterexample) as caught:
        lost()
    assert "replay(lost.scenario, " in caught.value.test
    names: dict[str, object] = {"lost": lost}
    exec(caught.value.test, names)
    test = names["test_lost_under_the_schedule_that_broke_it"]
    assert callable(test)
    with pytest.raises(Counterexample):
        test()

"""What a failure prints is a test that runs: it fails as the schedule did, until it is mended."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st

from airssys_rt.errors import Counterexample
from airssys_rt.testing import PCT, Exhaustive, Uniform, World, explore, simulate
from tests.testing.players import Add, Counter, Get, Go, Racer, Read, Register


async def two_racers(world: World) -> None:
    """A lost update, if both read before one writes."""
    register = world.spawn(Register)
    racers = [world.spawn(Racer, register) for _ in range(2)]
    await world.settle()

    async def client(number: int) -> None:
        for _ in range(3 * number):
            await register.ask(Read())
        racers[number].tell(Go())

    await world.gather(client(0), client(1))
    await world.settle()
    assert await register.ask(Read()) == 2, "lost"


async def mended(world: World) -> None:
    """The same messages in the same order; nothing is asked of the sum."""
    register = world.spawn(Register)
    racers = [world.spawn(Racer, register) for _ in range(2)]
    await world.settle()

    async def client(number: int) -> None:
        for _ in range(3 * number):
            await register.ask(Read())
        racers[number].tell(Go())

    await world.gather(client(0), client(1))
    await world.settle()
    assert await register.ask(Read()) <= 2


# Any: what a program defines
def functions(text: str, **names: Any) -> list[Any]:
    """The test functions of a program."""
    space: dict[str, Any] = dict(names)
    exec(compile(text, "regression", "exec"), space)  # it is what is tested
    return [value for name, value in space.items() if name[:5] == "test_" and name not in names]


@pytest.mark.parametrize("policy", [PCT(3), Uniform(), Exhaustive(12)], ids=["pct", "uni", "all"])
def test_the_printed_test_fails_as_the_schedule_did_and_passes_once_mended(
    policy: PCT | Uniform | Exhaustive,
) -> None:
    with pytest.raises(Counterexample, match="lost") as found:
        explore(two_racers, policy=policy)
    assert found.value.test in f"{found.value}".replace("\n    ", "\n")
    (test,) = functions(found.value.test, two_racers=two_racers)
    with pytest.raises(Counterexample, match="lost") as again:
        test()
    assert again.value.chart == found.value.chart
    (test,) = functions(found.value.test, two_racers=mended)
    test()
    assert found.value.choices == 1  # one message later than it was sent: none does less


async def faulty(world: World) -> None:
    """A message is lost, or its receiver crashes."""
    counter = world.spawn(Counter)
    await world.settle()
    world.lossy(drop=0.2)
    world.inject(crash=0.2)
    for _ in range(4):
        counter.tell(Add(1))
    await world.settle()
    assert await counter.ask(Get()) == 4


def test_faults_are_in_the_printed_test_too() -> None:
    with pytest.raises(Counterexample) as found:
        explore(faulty)
    (test,) = functions(found.value.test, faulty=faulty)
    with pytest.raises(Counterexample) as again:
        test()
    assert again.value.chart == found.value.chart
    assert found.value.choices == 1


@simulate(amounts=st.lists(st.integers(1, 3), max_size=4))
async def test_drawn(world: World, amounts: list[int]) -> None:
    """Not to be run as a test of its own: it fails."""
    register = world.spawn(Register)
    racers = [world.spawn(Racer, register) for _ in amounts]
    await world.settle()

    async def client(number: int) -> None:
        for _ in range(3 * number):
            await register.ask(Read())
        racers[number].tell(Go())

    await world.gather(*(client(number) for number in range(len(amounts))))
    await world.settle()
    assert await register.ask(Read()) == len(amounts), "lost"


drawn = test_drawn
del test_drawn


def test_the_printed_test_of_a_drawn_program_has_the_program_in_it() -> None:
    quiet = settings(
        max_examples=60, database=None, phases=[Phase.generate, Phase.shrink], deadline=None
    )
    with pytest.raises(Counterexample, match="lost") as found:
        quiet(drawn)()
    (test,) = functions(found.value.test, test_drawn=drawn)
    with pytest.raises(Counterexample, match="lost") as again:
        test()
    assert again.value.chart == found.value.chart
    assert "scenario(world, amounts=[1, 1" in found.value.test

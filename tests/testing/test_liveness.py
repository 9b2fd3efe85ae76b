"""What has to come about: in some time, and in some steps of a fair schedule."""

from __future__ import annotations

import pytest

from airssys_rt import Actor, ActorRef, Message, on
from airssys_rt.errors import Counterexample
from airssys_rt.testing import PCT, Exhaustive, Uniform, World, explore, replay
from tests.testing.players import Add, Counter


class Ping(Message):
    """To and fro."""


class Player(Actor[Ping]):
    """Sends back what it gets, for ever."""

    def __init__(self, other: list[ActorRef[Ping]]) -> None:
        self.other = other
        self.got = 0

    @on(Ping)
    def ping(self, msg: Ping) -> None:
        self.got += 1
        self.other[0].tell(Ping())

    initial = ping


def endless(world: World) -> None:
    """Two who never come to rest."""
    one: list[ActorRef[Ping]] = []
    other: list[ActorRef[Ping]] = []
    other.append(world.spawn(Player, one))
    one.append(world.spawn(Player, other))
    one[0].tell(Ping())


@pytest.mark.parametrize("policy", [PCT(3), Uniform()], ids=["pct", "uniform"])
def test_a_message_comes_in_some_steps_of_fairness_whatever_else_goes_on(
    policy: PCT | Uniform,
) -> None:
    async def scenario(world: World) -> None:
        endless(world)
        counter = world.spawn(Counter)
        await counter.started()
        counter.tell(Add(1))
        await world.eventually(lambda: bool(world.state(counter).sum == 1), steps=20)
        raise Reached

    with pytest.raises(Counterexample, match="Reached"):
        explore(scenario, policy=policy, schedules=30)


class Reached(Exception):
    """The scenario got so far."""


@pytest.mark.parametrize("policy", [PCT(3), Uniform(), Exhaustive(3)])
def test_what_never_comes_is_named_after_so_many_steps(
    policy: PCT | Uniform | Exhaustive,
) -> None:
    async def scenario(world: World) -> None:
        endless(world)

        def rain() -> bool:
            return False

        await world.eventually(rain, steps=50)

    with pytest.raises(Counterexample, match="rain never came to hold") as found:
        explore(scenario, policy=policy)
    assert "50 steps of a fair schedule" in str(found.value)
    with pytest.raises(Counterexample, match="rain never came to hold") as again:
        replay(scenario, found.value.token)
    assert again.value.chart == found.value.chart


def test_time_passes_on_the_way_and_is_bounded_as_well() -> None:
    async def scenario(world: World) -> None:
        counter = world.spawn(Counter)

        async def client() -> None:
            await world.sleep(5.0)
            counter.tell(Add(1))

        async def watcher() -> None:
            await world.eventually(lambda: world.state(counter).sum == 1, steps=20, within=6.0)
            await world.eventually(lambda: world.state(counter).sum == 1, steps=1)

        await world.settle()
        await world.gather(client(), watcher())

    explore(scenario, schedules=20)

    async def too_late(world: World) -> None:
        async def client() -> None:
            await world.sleep(5.0)

        async def watcher() -> None:
            await world.eventually(lambda: False, steps=20, within=4.0)

        await world.gather(client(), watcher())

    with pytest.raises(Counterexample, match=r"4.0 seconds of virtual time"):
        explore(too_late, schedules=1)

    async def nothing(world: World) -> None:
        await world.eventually(lambda: False, steps=20)

    with pytest.raises(Counterexample, match="nothing more is going to happen"):
        explore(nothing, schedules=1)


def test_no_fault_comes_while_it_is_awaited() -> None:
    async def scenario(world: World) -> None:
        counter = world.spawn(Counter)
        await world.settle()
        world.lossy(drop=1.0, most=9)
        counter.tell(Add(1))
        await world.eventually(lambda: bool(world.state(counter).sum == 1), steps=3)

    explore(scenario, schedules=20)


def test_an_error_of_the_check_is_the_scenarios() -> None:
    async def scenario(world: World) -> None:
        counter = world.spawn(Counter)

        def wrong() -> bool:
            raise ZeroDivisionError

        counter.tell(Add(1))
        with pytest.raises(ZeroDivisionError):
            await world.eventually(wrong, steps=3)

    explore(scenario, schedules=5)

"""Offloaded work in worlds and kits: in place, replayable, and pickled where it would be."""

from __future__ import annotations

from typing import TypeAlias

import pytest

from airssys_rt import (
    Actor,
    ActorStopped,
    HandlerFailed,
    Message,
    Name,
    Request,
    Supervisor,
    Unsendable,
    Workers,
    offload,
    on,
    props,
)
from airssys_rt.testing import ActorKit, World, explore
from tests.runtime.offloaded import twice

THREADS = Workers("thread", limit=1, queue=0)


class Add(Request[int]):
    number: int


class Odd(Request[int]):
    thing: object


class Poke(Message): ...


class Pokes(Request[int]): ...


SumMsg: TypeAlias = Add | Odd | Poke | Pokes


SUM = Name[SumMsg]("sum")


class Sum(Actor[SumMsg]):
    def __init__(self) -> None:
        self.sum = 0
        self.pokes = 0

    @on(Add)
    @offload(THREADS)
    def add(self, msg: Add) -> int:
        self.sum += msg.number
        return self.sum

    @on(Odd)
    async def odd(self, msg: Odd) -> int:
        return await twice(msg.thing)  # type: ignore[arg-type]

    @on(Poke)
    def poke(self, msg: Poke) -> None:
        self.pokes += 1

    @on(Pokes)
    def count(self, msg: Pokes) -> int:
        return self.pokes

    initial = add | odd | poke | count


def test_a_kit_does_the_work_in_place() -> None:
    kit = ActorKit(Sum)
    assert kit.ask(Add(2)) == 2
    assert kit.ask(Add(3)) == 5
    assert kit.ask(Odd(4)) == 8


def test_a_world_does_it_too_and_others_may_act_before_it_is_over() -> None:
    orders: set[str] = set()

    async def scenario(world: World) -> None:
        first, second = world.spawn(Sum), world.spawn(Sum)
        order: list[str] = []

        async def ask() -> None:
            assert await first.ask(Add(1)) == 1
            order.append("offloaded")

        async def poke() -> None:
            second.tell(Poke())
            await second.ask(Pokes())
            order.append("other")

        await world.gather(ask(), poke())
        orders.add(" ".join(order))
        sums = await world.gather(*(first.ask(Add(1)) for _ in range(3)))
        assert sorted(sums) == [2, 3, 4]
        assert await twice(3) == 6

    explore(scenario, schedules=30)
    assert len(orders) == 2


def test_a_kill_in_the_middle_is_among_the_schedules() -> None:
    outcomes: set[tuple[int, bool]] = set()

    async def scenario(world: World) -> None:
        child = props(Sum).named(SUM).shutdown("brutal_kill")
        top = world.spawn(props(Supervisor, [child]))
        await top.started()
        actor = world.state(world.ref(SUM))

        async def ask() -> bool:
            try:
                return await world.ref(SUM).ask(Add(1)) == 1
            except ActorStopped:
                return False

        async def stop() -> bool:
            top.stop()
            return True

        answered, _ = await world.gather(ask(), stop())
        outcomes.add((actor.sum, answered))

    explore(scenario, schedules=200)
    # (1, False): the work was done, and its result dropped
    assert outcomes == {(0, False), (1, False), (1, True)}


def test_what_a_process_could_not_be_sent_is_found_without_one() -> None:
    async def scenario(world: World) -> None:
        with pytest.raises(HandlerFailed) as caught:
            await world.spawn(Sum).ask(Odd(lambda: 1))
        assert isinstance(caught.value.__cause__, Unsendable)

    explore(scenario, schedules=3)

"""Faults come where the scenario lets them, are recorded, replayed, and shrunk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest

from airssys_rt import Actor, ActorRef, BadArgument, Bounded, MailboxFull, Supervisor, on, props
from airssys_rt.errors import Counterexample
from airssys_rt.testing import World, explore, replay
from tests.testing.players import Add, Counter, Get, Note, Notes


async def adding(world: World, prepare: Callable[[World], None]) -> None:
    counter = world.spawn(props(Counter).named("counter"))
    await world.settle()
    prepare(world)
    start = world.now
    for _ in range(3):
        counter.tell(Add(1))
    await world.settle()
    world.calm()
    assert await counter.ask(Get()) == 3
    assert world.now == start, "late"


def by(prepare: Callable[[World], None]) -> Counterexample:
    """How adding fails with a fault."""

    async def scenario(world: World) -> None:
        await adding(world, prepare)

    with pytest.raises(Counterexample) as caught:
        explore(scenario, schedules=100)
    with pytest.raises(Counterexample) as again:
        replay(scenario, caught.value.token)
    assert again.value.chart == caught.value.chart
    return caught.value


CASES: dict[str, Callable[[World], None]] = {
    "lost": lambda world: world.lossy("scenario", "counter", drop=0.3),
    "crash instead": lambda world: world.inject("counter", crash=0.3),
    "the clock jumps": lambda world: world.inject(jump=0.3),
    "crash after": lambda world: world.inject(crash_after=0.3),
    "delayed": lambda world: world.lossy(delay=0.3),
    "slow handler": lambda world: world.inject(slow=0.3),
}


@pytest.mark.parametrize(("shown", "prepare"), CASES.items(), ids=list(CASES))
def test_a_fault_is_found_and_shrunk_to_one(prepare: Callable[[World], None], shown: str) -> None:
    found = by(prepare)
    assert shown in found.chart
    assert found.choices == 1


def test_nothing_comes_unless_it_is_let() -> None:
    async def scenario(world: World) -> None:
        await adding(world, lambda _world: None)

    explore(scenario)


def test_no_more_faults_come_than_are_let() -> None:
    sums: set[int] = set()

    async def scenario(world: World) -> None:
        counter = world.spawn(Counter)
        world.lossy(drop=1.0, most=2)
        for _ in range(5):
            counter.tell(Add(1))
        await world.settle()
        sums.add(await counter.ask(Get()))

    explore(scenario, schedules=20)
    assert sums == {5, 3}  # the first run, in send order, has no fault


def test_other_links_and_actors_are_left_alone() -> None:
    async def scenario(world: World) -> None:
        world.lossy("somebody", "counter", drop=1.0)
        world.inject("else", crash=1.0)
        await adding(world, lambda _world: None)

    explore(scenario)


def test_an_injected_crash_is_a_crash_and_its_supervisor_acts() -> None:
    async def scenario(world: World) -> None:
        world.spawn(props(Supervisor, [props(Counter).named("c")]).named("top"))
        await world.settle()
        counter = next(cell for cell in world.net.posts if cell.name == "c")
        world.inject("top/c", crash=1.0, most=1)
        target = world.scheduler.make_ref(counter)
        target.tell(Add(1))  # type: ignore[attr-defined]
        target.tell(Add(2))  # type: ignore[attr-defined]
        await world.settle()
        assert counter.incarnation == 2
        assert world.state(target).sum == 2
        assert [letter.reason for letter in world.port.letters] == ["failed"]

    from airssys_rt.testing.exploring import Settings, run
    from airssys_rt.testing.schedule import UniformDriver

    for seed in range(5):
        error = run(scenario, Settings(), UniformDriver(seed))
        assert error is None, error


class Relay(Actor[Note]):
    """Passes on what it gets, and counts what it cannot."""

    def __init__(self, to: ActorRef[Note]) -> None:
        self.to = to
        self.full = 0

    @on(Note)
    def note(self, msg: Note) -> None:
        try:
            self.to.tell(msg)
        except MailboxFull:
            self.full += 1

    initial = note


@pytest.mark.parametrize("overflow", ["reject", "drop_newest", "drop_oldest"])
def test_a_bounded_mailbox_overflows(overflow: Literal["reject", "drop_newest"]) -> None:
    missing: set[int] = set()

    async def scenario(world: World) -> None:
        notes = world.spawn(props(Notes).mailbox(Bounded(100, overflow)))
        relay = world.spawn(Relay, notes)
        await world.settle()
        world.inject(relay, overflow=0.5)
        for text in "abc":
            relay.tell(Note(text))
        await world.settle()
        got = len(world.state(notes).texts)
        assert got + world.state(relay).full + len(world.port.letters) == 3
        missing.add(3 - got)

    explore(scenario)
    assert missing == {0, 1, 2, 3}


def test_a_partition_holds_messages_until_it_heals() -> None:
    async def scenario(world: World) -> None:
        counter = world.spawn(props(Counter).named("c"))
        world.group_of("here", "scenario")
        world.group_of("there", counter)
        await world.settle()
        world.partition("here", "there")
        counter.tell(Add(1))
        await world.sleep(10.0)
        assert world.state(counter).sum == 0
        world.heal()
        await world.settle()
        assert world.state(counter).sum == 1

    explore(scenario, schedules=20)


def test_a_partition_of_unknown_groups_is_refused() -> None:
    async def scenario(world: World) -> None:
        with pytest.raises(BadArgument, match="no group"):
            world.partition("a", "b")
        await world.settle()

    explore(scenario, schedules=1)


def test_what_is_no_chance_is_refused() -> None:
    async def scenario(world: World) -> None:
        for chance in (-0.1, 1.5):
            with pytest.raises(BadArgument, match="no chance"):
                world.inject(crash=chance)
            with pytest.raises(BadArgument, match="no chance"):
                world.lossy(drop=chance)
        await world.settle()

    explore(scenario, schedules=1)
    with pytest.raises(BadArgument, match="0 schedules"):
        explore(scenario, schedules=0)

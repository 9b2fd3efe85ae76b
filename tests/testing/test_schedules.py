"""Schedules: what may be reordered is, what is promised is not, and all of it replays."""

from __future__ import annotations

import subprocess
import sys
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airssys_rt import Actor, ActorRef, BadArgument, Message, Name, on, props
from airssys_rt.errors import Counterexample
from airssys_rt.testing import PCT, Exhaustive, Uniform, World, explore, replay
from airssys_rt.testing.choices import Choices, ReplayDriver
from airssys_rt.testing.schedule import UniformDriver
from airssys_rt.testing.trace import Recorder
from tests.testing.players import Go, Note, Notes, Put, Racer, Read, Register

if TYPE_CHECKING:
    from airssys_rt.testing.exploring import Policy

POLICIES: list[Policy] = [Uniform(), PCT(3), Exhaustive(40)]


def seen_orders(policy: Policy, schedules: int | None = None) -> set[tuple[str, ...]]:
    """The orders in which two clients' messages arrive, of all schedules."""
    found: set[tuple[str, ...]] = set()

    async def scenario(world: World) -> None:
        notes = world.spawn(Notes)

        async def client(name: str) -> None:
            notes.tell(Note(f"{name}1"))
            notes.tell(Note(f"{name}2"))

        await world.gather(client("a"), client("b"))
        await world.settle()
        found.add(tuple(world.state(notes).texts))

    explore(scenario, policy=policy, schedules=schedules)
    return found


@pytest.mark.parametrize("policy", POLICIES, ids=repr)
def test_each_sender_keeps_its_order_and_all_interleavings_come(policy: Policy) -> None:
    texts = ("a1", "a2", "b1", "b2")
    allowed = {
        order
        for order in permutations(texts)
        if order.index("a1") < order.index("a2") and order.index("b1") < order.index("b2")
    }
    assert seen_orders(policy, None if isinstance(policy, Exhaustive) else 500) == allowed


@pytest.mark.parametrize("seed", range(20))
def test_the_same_seed_makes_the_same_run(seed: int) -> None:
    first, second = (trace_of(seed) for _ in range(2))
    assert first == second


def trace_of(seed: int) -> list[str]:
    recorder = Recorder(UniformDriver(seed))
    World(seed=seed).run(race, recorder)
    return [f"{e.kind} {e.sender} {e.receiver} {e.text}" for e in recorder.events]


async def race(world: World) -> None:
    register = world.spawn(Register)
    racers = [world.spawn(Racer, register) for _ in range(3)]
    for racer in racers:
        racer.tell(Go())
    await world.settle()


@pytest.mark.parametrize("seed", range(20))
def test_what_was_recorded_replays_exactly(seed: int) -> None:
    recorder = Recorder(UniformDriver(seed))
    World(seed=seed).run(race, recorder)
    choices = Choices.of(recorder.choices.token())
    assert choices == recorder.choices
    again = Recorder(ReplayDriver(choices))
    World(seed=seed).run(race, again)
    assert [e.text for e in again.events] == [e.text for e in recorder.events]
    assert again.choices == choices


@given(
    st.integers(0, 2**70),
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 3)), max_size=9, unique_by=lambda pair: pair[0]
    ),
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(["drop", "slow"]), st.integers(0, 9000)),
        max_size=4,
    ),
)
def test_a_token_holds_every_list_of_choices(
    seed: int, order: list[tuple[int, int]], faults: list[tuple[int, str, int]]
) -> None:
    choices = Choices(
        seed, tuple(sorted(order)), tuple((s, k, ms / 1000) for s, k, ms in sorted(faults))
    )
    assert Choices.of(choices.token()) == choices


@pytest.mark.parametrize("token", ["", "rt1:", "rt1:!", "rt2:AAA", "rt1:gA", "rt1:AAMB"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(BadArgument, match="no list of choices"):
        replay(race, token)


async def lost_update(world: World) -> None:
    register = world.spawn(Register)
    one, other = (world.spawn(Racer, register) for _ in range(2))
    one.tell(Go())
    await world.settle()
    other.tell(Go())
    await world.settle()
    register.tell(Put(10))
    bystanders = [world.spawn(Notes) for _ in range(5)]
    for bystander in bystanders:
        for text in "abcd":
            bystander.tell(Note(text))

    async def client() -> None:
        one.tell(Go())

    await world.gather(client())
    await world.settle()
    assert await register.ask(Read()) == 11


@pytest.mark.parametrize("policy", POLICIES[:2], ids=repr)
def test_a_race_is_found_and_its_schedule_is_minimal(policy: Policy) -> None:
    explore(lost_update, schedules=1)  # nothing is wrong in send order
    with pytest.raises(Counterexample, match="AssertionError") as caught:
        explore(lost_update, policy=policy)
    found = caught.value
    assert found.choices == 1
    assert "held until after" in found.chart
    with pytest.raises(Counterexample):
        replay(lost_update, found.token)


def test_the_report_shows_chart_token_test_and_diagram() -> None:
    with pytest.raises(Counterexample) as caught:
        explore(lost_update)
    text = str(caught.value)
    assert caught.value.chart in text
    assert f'replay(lost_update, "{caught.value.token}")' in text
    assert "def test_lost_update_under_the_schedule_that_broke_it() -> None:" in text
    assert "sequenceDiagram" in caught.value.mermaid
    assert isinstance(caught.value.__cause__, AssertionError)


def test_a_scenario_that_does_not_replay_is_named() -> None:
    runs: list[int] = []

    async def moody(world: World) -> None:
        runs.append(1)
        assert len(runs) % 2

    with pytest.raises(Counterexample, match="does not replay"):
        explore(moody)


TWICE = """
from tests.testing.test_schedules import lost_update
from airssys_rt.testing import explore
try:
    explore(lost_update)
except AssertionError as error:
    print(error.token, error.chart)
"""


def test_a_failure_is_the_same_in_every_process() -> None:
    root = Path(__file__).parents[2]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", TWICE],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": f"{root}:{root / 'src'}", "PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in (1, 2)
    }
    assert len(outputs) == 1
    assert "rt1:" in outputs.pop()


# -- partial-order reduction -----------------------------------------------------------------------


THRONE: Name[Go] = Name("throne")


class Hop(Message):
    """Go to the others, as far as the program says."""

    program: tuple[tuple[int, ...], ...]
    trail: str


class Hopper(Actor[Hop]):
    """Runs a small program of sends; what matters is in which order things came."""

    def __init__(self, index: int, others: list[ActorRef[Hop]]) -> None:
        self.index = index
        self.others = others
        self.seen: list[str] = []

    @on(Hop)
    def hop(self, msg: Hop) -> None:
        self.seen.append(msg.trail)
        if msg.program:
            for number, target in enumerate(msg.program[0]):
                trail = f"{msg.trail}{self.index}{number}"
                self.others[target % len(self.others)].tell(Hop(msg.program[1:], trail))

    initial = hop


@settings(max_examples=15)
@given(
    st.lists(st.lists(st.integers(0, 2), max_size=2).map(tuple), min_size=1, max_size=2).map(tuple),
    st.lists(st.integers(0, 2), min_size=1, max_size=3),
    st.booleans(),
)
def test_reduction_loses_no_outcome(
    program: tuple[tuple[int, ...], ...], firsts: list[int], bounded: bool
) -> None:
    def outcomes(policy: Policy) -> set[str]:
        found: set[str] = set()

        async def scenario(world: World) -> None:
            hoppers: list[ActorRef[Hop]] = []
            for index in range(3):
                hoppers.append(world.spawn(props(Hopper, index, hoppers)))
            await world.settle()

            for number, first in enumerate(firsts):
                hoppers[first].tell(Hop(program, f"m{number}."))
            await world.settle()
            found.add(repr([world.state(hopper).seen for hopper in hoppers]))

        result = explore(scenario, policy=policy, schedules=1000)
        assert result.complete or result.schedules == 1000
        if not result.complete:
            found.add("too many")
        return found

    every = outcomes(Exhaustive(100, reduce=False))
    reduced = outcomes(Exhaustive(100))
    if "too many" not in every:
        assert reduced == every
    else:
        assert every - {"too many"} <= reduced or "too many" in reduced


def test_reduction_loses_no_outcome_of_asks() -> None:
    racers = 2

    def outcomes(policy: Policy) -> set[int]:
        found: set[int] = set()

        async def scenario(world: World) -> None:
            register = world.spawn(Register)
            runners = [world.spawn(Racer, register) for _ in range(racers)]
            for runner in runners:
                await runner.started()
            for runner in runners:
                runner.tell(Go())
            await world.settle()
            found.add(world.state(register).value)

        assert explore(scenario, policy=policy).complete
        return found

    assert outcomes(Exhaustive(100)) == set(range(1, racers + 1))


def test_what_shares_a_name_does_not_commute() -> None:
    winners: set[str] = set()

    class Claimant(Actor[Go]):
        """Takes a name if nobody has it."""

        @on(Go)
        def go(self, msg: Go) -> None:
            if self.system.whereis(THRONE) is None:
                self.system.register(THRONE, self.ref)

        initial = go

    async def scenario(world: World) -> None:
        claimants = [world.spawn(Claimant) for _ in range(2)]
        await world.settle()
        for claimant in claimants:
            claimant.tell(Go())
        await world.settle()
        king = world.whereis(THRONE)
        assert king is not None
        winners.add(world.tag(king))

    assert explore(scenario, policy=Exhaustive(30)).complete
    assert winners == {"claimant", "claimant-2"}


def test_what_shares_chance_does_not_commute() -> None:
    drawn: set[tuple[float, ...]] = set()

    class Player(Actor[Go]):
        """Throws dice."""

        def __init__(self) -> None:
            self.thrown = 0.0

        @on(Go)
        def go(self, msg: Go) -> None:
            self.thrown = self.random.random()

        initial = go

    async def scenario(world: World) -> None:
        players = [world.spawn(Player) for _ in range(2)]
        await world.settle()
        for player in players:
            player.tell(Go())
        await world.settle()
        drawn.add(tuple(world.state(player).thrown for player in players))

    assert explore(scenario, policy=Exhaustive(30)).complete
    assert len(drawn) == 2


def test_steps_of_different_receivers_commute() -> None:
    async def scenario(world: World) -> None:
        notes = [world.spawn(Notes) for _ in range(3)]
        await world.settle()
        for one in notes:
            one.tell(Note("a"))
            one.tell(Note("b"))
        await world.settle()

    every = explore(scenario, policy=Exhaustive(60, reduce=False))
    reduced = explore(scenario, policy=Exhaustive(60))
    assert every.complete
    assert reduced.complete
    assert every.schedules == 540  # 3! starts and 6! / 2!^3 orders of messages
    assert reduced.schedules < 20


def test_a_depth_that_does_not_reach_is_not_complete() -> None:
    assert not explore(race, policy=Exhaustive(2)).complete
    assert not explore(race, policy=Exhaustive(50), schedules=3).complete
    assert explore(race, policy=Exhaustive(50)).complete


@pytest.mark.parametrize("policy", [PCT, Exhaustive])
def test_a_policy_without_depth_is_refused(policy: type[PCT | Exhaustive]) -> None:
    with pytest.raises(BadArgument):
        policy(0)

"""Every faulty program of the corpus is found, shrunk, and replayed; no twin is accused."""

from __future__ import annotations

from time import process_time

import pytest

from airssys_rt import Actor, ActorRef, Later, ReplyTo, Request, on
from airssys_rt.errors import Counterexample
from airssys_rt.testing import PCT, Uniform, World, explore, replay
from tests.testing.corpus import PROGRAMS, Program
from tests.testing.corpus.plain import fails, found_by_a_plain_test

MOST_SECONDS = 5.0  # of a processor: what other programs take says nothing about the search
BY_NAME = pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)


@BY_NAME
def test_the_faulty_one_is_found(program: Program) -> None:
    faulty = program.scenario(faulty=True)
    start = process_time()
    with pytest.raises(Counterexample) as caught:
        explore(faulty, policy=PCT(3), schedules=2000)
    assert process_time() - start < MOST_SECONDS
    found = caught.value
    assert "does not replay" not in found.what
    assert found.choices <= 2  # one is needed where send order does not fail
    with pytest.raises(Counterexample):
        replay(faulty, found.token)


@BY_NAME
@pytest.mark.parametrize("policy", [Uniform(), PCT(3)], ids=["uniform", "pct"])
def test_its_twin_is_not_accused(program: Program, policy: Uniform | PCT) -> None:
    explore(program.scenario(faulty=False), policy=policy, schedules=200)


def test_the_corpus_is_large_and_half_of_it_is_from_the_literature() -> None:
    cited = [program for program in PROGRAMS if program.source]
    assert len(PROGRAMS) >= 40
    assert len(cited) * 2 >= len(PROGRAMS)
    assert len({program.name for program in PROGRAMS}) == len(PROGRAMS)


def test_plain_tests_of_the_same_programs_find_less_than_half() -> None:
    found = [program.name for program in PROGRAMS if found_by_a_plain_test(program)]
    assert "timer_after_become" in found  # it does find what goes wrong in each order
    assert len(found) * 2 < len(PROGRAMS)


class Relay(Request[bool]):
    """Ask the other one."""


class Forgetful(Actor[Relay]):
    """Waits for another one, and that one never answers."""

    def __init__(self, other: ActorRef[Relay] | None = None) -> None:
        self.other = other
        self.held: list[ReplyTo[bool]] = []

    @on(Relay)
    async def relay(self, msg: Relay) -> bool | Later:
        if self.other is not None:
            return await self.other.ask(Relay())
        later = self.defer(msg)
        self.held.append(later)
        return later

    initial = relay


async def waits_for_ever(world: World, _faulty: bool) -> None:
    await world.spawn(Forgetful, world.spawn(Forgetful)).ask(Relay())


def test_a_plain_test_with_a_handler_that_hangs_fails_and_ends() -> None:
    program = Program("waits_for_ever", "", waits_for_ever)
    assert fails(program, faulty=True, limit=0.05)

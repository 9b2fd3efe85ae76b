"""Timers, ends and jumps of the clock: what may overtake what, and what may not."""

from __future__ import annotations

import pytest

from airssys_rt import Actor, ActorRef, Exit, Message, on
from airssys_rt.errors import Counterexample
from airssys_rt.testing import Exhaustive, Uniform, World, explore
from tests.testing.players import Note, Notes


class Go(Message):
    """Begin."""


class Said(Message):
    text: str


class Clock(Actor[Go | Said]):
    """Sets timers, for itself and for another one, and talks to both."""

    def __init__(self, other: ActorRef[Note]) -> None:
        self.other = other
        self.heard: list[str] = []

    @on(Go)
    def go(self, msg: Go) -> None:
        self.after(2.0, Said("second"))
        self.after(1.0, Said("first"))
        self.after(1.0, Said("also"))
        self.after(1.0, Note("late"), to=self.other)
        self.ref.tell(Said("now"))
        self.other.tell(Note("early"))

    @on(Said)
    def said(self, msg: Said) -> None:
        self.heard.append(msg.text)

    initial = go | said


def orders(*, slow: bool) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    """What was heard, here and there, in all schedules."""
    here: set[tuple[str, ...]] = set()
    there: set[tuple[str, ...]] = set()

    async def scenario(world: World) -> None:
        notes = world.spawn(Notes)
        clock = world.spawn(Clock, notes)
        await world.settle()
        if slow:
            world.inject(jump=0.5, slow=0.3, seconds=5.0, most=3)
        clock.tell(Go())
        await world.settle()
        clock.tell(Said("outside"))
        notes.tell(Note("outside"))
        await world.sleep(30.0)
        here.add(tuple(world.state(clock).heard))
        there.add(tuple(world.state(notes).texts))

    explore(scenario, policy=Uniform(), schedules=200)
    return here, there


def test_without_faults_a_timer_comes_when_all_is_quiet() -> None:
    here, there = orders(slow=False)
    assert here == {("now", "outside", "first", "also", "second")}
    assert there == {("early", "outside", "late")}


def test_a_timer_overtakes_others_and_nothing_that_its_own_actor_sent_before() -> None:
    here, there = orders(slow=True)
    for heard in here:
        assert [text for text in heard if text != "outside"] == ["now", "first", "also", "second"]
    assert len(here) > 1
    assert there >= {("early", "outside", "late"), ("early", "late", "outside")}
    assert all(heard.index("early") < heard.index("late") for heard in there)


class Friend(Actor[Said | Exit]):
    """Is told of the end of another one."""

    trap_exits = True

    def __init__(self) -> None:
        self.heard: list[str] = []

    @on(Said)
    def said(self, msg: Said) -> None:
        self.heard.append(msg.text)

    @on(Exit)
    def over(self, msg: Exit) -> None:
        self.heard.append("over")

    initial = said | over


class Leaver(Actor[Go]):
    """Says something and ends."""

    def __init__(self, friend: ActorRef[Said | Exit]) -> None:
        self.friend = friend

    def pre_start(self) -> None:
        self.link(self.friend)

    @on(Go)
    def go(self, msg: Go) -> None:
        self.friend.tell(Said("bye"))
        self.stop()

    initial = go


def test_a_trapped_exit_comes_behind_what_was_sent_before() -> None:
    heard: set[tuple[str, ...]] = set()

    async def scenario(world: World) -> None:
        friend = world.spawn(Friend)
        leaver = world.spawn(Leaver, friend)
        await world.settle()
        leaver.tell(Go())
        friend.tell(Said("hello"))
        await world.settle()
        heard.add(tuple(world.state(friend).heard))

    assert explore(scenario, policy=Exhaustive(20)).complete
    assert heard == {("hello", "bye", "over"), ("bye", "hello", "over"), ("bye", "over", "hello")}


class Waiter(Actor[Go | Said]):
    """Gives up after a while."""

    def __init__(self) -> None:
        self.gave_up = False

    @on(Go)
    def go(self, msg: Go) -> None:
        self.after(5.0, Said("enough"), key="patience")

    @on(Said)
    def said(self, msg: Said) -> None:
        self.cancel_timer("patience")
        self.gave_up |= msg.text == "enough"

    initial = go | said


def test_a_jump_of_the_clock_lets_a_timer_come_before_an_answer() -> None:
    async def scenario(world: World) -> None:
        waiter = world.spawn(Waiter)
        waiter.tell(Go())
        await world.settle()
        world.inject(waiter, jump=0.5, seconds=10.0, most=1)
        waiter.tell(Said("here"))
        await world.settle()
        assert not world.state(waiter).gave_up, "gave up"

    with pytest.raises(Counterexample, match="gave up") as found:
        explore(scenario)
    assert "the clock jumps (injected)" in found.value.chart
    assert found.value.choices <= 2


def test_a_cancelled_timer_never_comes_even_if_it_has_fired() -> None:
    async def scenario(world: World) -> None:
        waiter = world.spawn(Waiter)
        waiter.tell(Go())
        await world.settle()
        world.inject(waiter, slow=0.5, seconds=10.0, most=2)
        waiter.tell(Said("here"))
        waiter.tell(Said("there"))
        await world.sleep(30.0)
        world.calm()
        assert not world.state(waiter).gave_up

    explore(scenario)

"""The laws that every run is held to: each finds what breaks it, and can be switched off."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from airssys_rt import Actor, ActorRef, BadArgument, Later, Message, ReplyTo, Request, on
from airssys_rt.errors import Counterexample
from airssys_rt.testing import World, explore
from airssys_rt.testing.laws import LAWS
from tests.testing.players import Go, Put, Read, Register


class Open(Message):
    """Begin to work."""


class Job(Message):
    """Some work."""


class Gate(Actor[Open | Job]):
    """Puts work aside until it is open, and forgets it."""

    def __init__(self, *, forgets: bool) -> None:
        self.forgets = forgets
        self.done = 0

    @on(Job)
    def keep(self, msg: Job) -> None:
        self.stash()

    @on(Open)
    def unlock(self, msg: Open) -> None:
        self.become(self.opened)
        if not self.forgets:
            self.unstash_all()

    @on(Job)
    def work(self, msg: Job) -> None:
        self.done += 1

    initial = keep | unlock
    opened = unlock | work


def forgotten(*, forgets: bool) -> Callable[[World], Coroutine[Any, Any, None]]:
    async def scenario(world: World) -> None:
        gate = world.spawn(Gate, forgets=forgets)

        async def worker() -> None:
            gate.tell(Job())

        async def opener() -> None:
            gate.tell(Open())

        await world.gather(opener(), worker())

    return scenario


class Ask(Request[int]):
    """A question."""


class Silent(Actor[Ask]):
    """Keeps the right to answer, and does not use it."""

    def __init__(self, *, answers: bool) -> None:
        self.answers = answers
        self.kept: list[ReplyTo[int]] = []

    @on(Ask)
    def ask(self, msg: Ask) -> int | Later:
        reply = self.defer(msg)
        self.kept.append(reply)
        if self.answers:
            reply.reply(1)
        return reply

    initial = ask


def unanswered(*, answers: bool) -> Callable[[World], Coroutine[Any, Any, None]]:
    async def scenario(world: World) -> None:
        silent = world.spawn(Silent, answers=answers)
        try:
            await silent.ask(Ask())
        except TimeoutError:
            pass

    return scenario


class Meet(Message):
    other: ActorRef[Read]


class Shy(Actor[Meet | Read]):
    """Asks another one, and is asked."""

    @on(Meet)
    async def meet(self, msg: Meet) -> None:
        await msg.other.ask(Read())

    @on(Read)
    def read(self, msg: Read) -> int:
        return 1

    initial = meet | read


def cycle(*, both: bool) -> Callable[[World], Coroutine[Any, Any, None]]:
    async def scenario(world: World) -> None:
        one, other = world.spawn(Shy), world.spawn(Shy)
        await world.settle()
        one.tell(Meet(other))
        if both:
            other.tell(Meet(one))

    return scenario


class Light(Actor[Go | Open]):
    """Red, green and yellow, in one order."""

    def __init__(self, *, jumps: bool) -> None:
        self.jumps = jumps

    @on(Go)
    def go(self, msg: Go) -> None:
        if self.jumps:
            self.become(self.yellow)
        else:
            self.become(self.green)

    @on(Go)
    def stay(self, msg: Go) -> None:
        """Nothing."""

    @on(Open)
    def unlock(self, msg: Open) -> None:
        self.become(self.green)

    initial = go | unlock
    green = stay
    yellow = stay | unlock
    flow = (initial.to(green), yellow.to(green))


def out_of_flow(*, jumps: bool) -> Callable[[World], Coroutine[Any, Any, None]]:
    async def scenario(world: World) -> None:
        world.spawn(Light, jumps=jumps).tell(Go())

    return scenario


class Checker(Actor[Go]):
    """Asserts something."""

    def __init__(self, *, holds: bool) -> None:
        self.holds = holds

    @on(Go)
    def go(self, msg: Go) -> None:
        assert self.holds

    initial = go


def asserting(*, holds: bool) -> Callable[[World], Coroutine[Any, Any, None]]:
    async def scenario(world: World) -> None:
        world.spawn(Checker, holds=holds).tell(Go())

    return scenario


Pair = Callable[[World], Coroutine[Any, Any, None]]


@pytest.mark.parametrize(
    ("law", "broken", "kept"),
    [
        pytest.param("accounted", forgotten(forgets=True), forgotten(forgets=False), id="stash"),
        pytest.param("answered", unanswered(answers=False), unanswered(answers=True), id="reply"),
        pytest.param("cycles", cycle(both=True), cycle(both=False), id="cycle"),
        pytest.param("flow", out_of_flow(jumps=True), out_of_flow(jumps=False), id="flow"),
        pytest.param("asserts", asserting(holds=False), asserting(holds=True), id="assertion"),
    ],
)
def test_a_law_finds_what_breaks_it_and_nothing_else(law: str, broken: Pair, kept: Pair) -> None:
    with pytest.raises(Counterexample, match=f"law '{law}'"):
        explore(broken)
    explore(broken, laws=[one for one in LAWS if one != law])
    explore(kept)


def test_a_slow_ender_is_killed_and_no_orphan() -> None:
    class Hanging(Actor[Go]):
        """Waits for long in its last hook."""

        @on(Go)
        def go(self, msg: Go) -> None:
            """Nothing."""

        async def post_stop(self, reason: object) -> None:
            world = self.system
            assert isinstance(world, World)
            await world.sleep(1e6)

        initial = go

    async def scenario(world: World) -> None:
        world.spawn(Hanging)
        await world.settle()

    explore(scenario, schedules=5)


def test_a_register_breaks_no_law() -> None:
    async def scenario(world: World) -> None:
        register = world.spawn(Register)
        assert await register.ask(Read()) == 0

    assert explore(scenario).schedules == 200


def test_two_messages_at_once_are_found() -> None:
    async def scenario(world: World) -> None:
        register = world.spawn(Register)
        await world.settle()
        world.net.active = None
        cell = next(cell for cell in world.net.posts if cell.actor is world.state(register))
        cell.msg = Go()  # as if a handler were at work
        register.tell(Put(1))
        await world.settle()

    with pytest.raises(Counterexample, match="law 'serial'"):
        explore(scenario, schedules=1)
    explore(scenario, schedules=1, laws=[one for one in LAWS if one != "serial"])


def test_an_orphan_is_found() -> None:
    async def scenario(world: World) -> None:
        register = world.spawn(Register)
        await world.settle()
        world.root.more.children.pop(next(iter(world.root.more.children)))  # forgotten
        assert world.state(register) is not None

    with pytest.raises(Counterexample, match="law 'orphans'"):
        explore(scenario, schedules=1)
    explore(scenario, schedules=1, laws=[one for one in LAWS if one != "orphans"])


def test_a_law_is_waived_by_the_scenario_and_unknown_ones_are_refused() -> None:
    async def scenario(world: World) -> None:
        with pytest.raises(BadArgument, match="no law 'gravity'"):
            world.waive("gravity")
        world.waive("asserts")
        world.spawn(Checker, holds=False).tell(Go())

    explore(scenario, schedules=3)
    with pytest.raises(BadArgument, match="no law 'gravity'"):
        explore(scenario, laws=["gravity"])

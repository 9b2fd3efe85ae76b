"""`flow`: which transitions an actor may make, enforced when it makes them."""

from __future__ import annotations

from typing import ClassVar

import pytest

from airssys_rt import (
    Actor,
    ActorSystem,
    Failed,
    IllegalTransition,
    Message,
    Request,
    on,
)

pytestmark = pytest.mark.anyio


class Turn(Message):
    to: str
    push: bool = False


class Back(Message): ...


class Where(Request[str]): ...


class Machine(Actor[Turn | Back | Where]):
    """Its flow is red -> green -> amber, and maintenance on top of any of them but red."""

    @on(Turn)
    def turn(self, msg: Turn) -> None:
        self.become(getattr(self, msg.to), push=msg.push)

    @on(Back)
    def back(self, msg: Back) -> None:
        self.unbecome()

    @on(Where)
    def in_red(self, msg: Where) -> str:
        return "red"

    @on(Where)
    def in_green(self, msg: Where) -> str:
        return "green"

    @on(Where)
    def in_amber(self, msg: Where) -> str:
        return "amber"

    @on(Where)
    def in_service(self, msg: Where) -> str:
        return "service"

    initial = turn | back | in_red
    green = initial.replace(in_green)
    amber = initial.replace(in_amber)
    service = initial.replace(in_service)
    flow = (initial.to(green), green.to(amber), amber.to(initial), green.push(service))


async def test_flow_lets_its_transitions_pass() -> None:
    async with ActorSystem() as system:
        machine = system.spawn(Machine)
        steps: list[tuple[Turn | Back, str]] = [
            (Turn("green"), "green"),
            (Turn("service", push=True), "service"),
            (Back(), "green"),
            (Turn("amber"), "amber"),
            (Turn("initial"), "red"),
        ]
        for turn, wanted in steps:
            machine.tell(turn)
            assert await machine.ask(Where()) == wanted


@pytest.mark.parametrize(
    ("turns", "text"),
    [
        ([Turn("amber")], "amber from initial"),
        ([Turn("initial")], "initial from initial"),
        ([Turn("green", push=True)], "push green from initial"),
        ([Turn("green"), Turn("service")], "service from green"),
        ([Turn("green"), Turn("initial")], "initial from green"),
    ],
)
async def test_flow_fails_the_actor_that_leaves_it(turns: list[Turn], text: str) -> None:
    async with ActorSystem() as system:
        machine = system.spawn(Machine)
        for turn in turns:
            machine.tell(turn)
        reason = await machine.stopped()
        assert isinstance(reason, Failed)
        assert reason.error_type == "IllegalTransition"
        assert text in reason.text
        assert "add " in reason.text


class Ends(Actor[Turn]):
    """Nothing leads on from the end."""

    @on(Turn)
    def turn(self, msg: Turn) -> None:
        self.become(getattr(self, msg.to), push=msg.push)

    @on(Turn)
    def at_the_end(self, msg: Turn) -> None:
        self.become(getattr(self, msg.to), push=msg.push)

    initial = turn
    end = at_the_end
    flow = (initial.to(end), end.final())


@pytest.mark.parametrize("turn", [Turn("initial"), Turn("initial", push=True), Turn("end")])
async def test_no_transition_leads_on_from_a_final_state(turn: Turn) -> None:
    async with ActorSystem() as system:
        actor = system.spawn(Ends)
        actor.tell(Turn("end"))
        actor.tell(turn)
        reason = await actor.stopped()
        assert isinstance(reason, Failed)
        assert reason.error_type == "IllegalTransition"


class Probe(Request[None]): ...


class Careful(Actor[Probe]):
    """Its flow allows nothing but what it never does."""

    tried: ClassVar[list[type[BaseException]]] = []

    @on(Probe)
    def probe(self, msg: Probe) -> None:
        try:
            self.become(self.other)
        except IllegalTransition as error:
            self.tried.append(type(error))

    @on(Probe)
    def never(self, msg: Probe) -> None: ...

    initial = probe
    other = never
    flow = (other.to(initial),)


async def test_an_illegal_transition_that_is_caught_changes_nothing() -> None:
    Careful.tried.clear()
    async with ActorSystem() as system:
        careful = system.spawn(Careful)
        await careful.ask(Probe())
        await careful.ask(Probe())
    assert Careful.tried == [IllegalTransition, IllegalTransition]

"""What the engine promises holds in worlds, too, in every schedule; and probes work in them."""

from __future__ import annotations

from typing import Any

import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    AnyRef,
    Crashed,
    Down,
    Exit,
    Message,
    Name,
    Normal,
    Request,
    on,
    pool,
    props,
)
from airssys_rt.testing import Counterexample, TestProbe, World, explore


class Said(Message):
    number: int


class Watch(Message):
    ref: Any  # an actor of whatever protocol


class Talk(Message):
    to: ActorRef[Said]


class Ask(Request[int]):
    number: int


class Listener(Actor[Said | Watch | Down | Exit]):
    """Writes down what it hears, outside of itself."""

    trap_exits = True

    def __init__(self, heard: list[object], partner: AnyRef | None = None) -> None:
        self.heard = heard
        if partner is not None:
            self.link(partner)

    @on(Said)
    def said(self, msg: Said) -> None:
        self.heard.append(msg.number)

    @on(Watch)
    def watch(self, msg: Watch) -> None:
        self.monitor(msg.ref)

    @on(Down)
    def down(self, msg: Down) -> None:
        self.heard.append("down")

    @on(Exit)
    def exited(self, msg: Exit) -> None:
        self.heard.append("exit")

    initial = said | watch | down | exited


class Talker(Actor[Talk]):
    """Says two things, and ends."""

    @on(Talk)
    def talk(self, msg: Talk) -> None:
        msg.to.tell(Said(1))
        msg.to.tell(Said(2))
        self.stop()

    initial = talk


class Worker(Actor[Said]):
    def __init__(self, heard: list[object]) -> None:
        self.heard = heard

    @on(Said)
    def said(self, msg: Said) -> None:
        self.heard.append(msg.number)

    initial = said


def test_a_trapped_exit_comes_behind_what_its_actor_has_sent() -> None:
    async def scenario(world: World) -> None:
        heard: list[object] = []
        talker = world.spawn(Talker)
        listener = world.spawn(Listener, heard, talker)
        await world.settle()
        talker.tell(Talk(listener))
        await world.settle()
        assert heard == [1, 2, "exit"]

    explore(scenario, schedules=50)


def test_a_down_comes_behind_what_its_actor_has_sent() -> None:
    async def scenario(world: World) -> None:
        heard: list[object] = []
        talker, listener = world.spawn(Talker), world.spawn(Listener, heard)
        listener.tell(Watch(talker))
        await world.settle()
        talker.tell(Talk(listener))
        await world.settle()
        assert heard == [1, 2, "down"]

    explore(scenario, schedules=50)


def test_a_name_that_nobody_holds_gives_its_down() -> None:
    async def scenario(world: World) -> None:
        heard: list[object] = []
        listener = world.spawn(Listener, heard)
        listener.tell(Watch(world.ref(Name[Said]("nobody"))))
        await world.settle()
        assert heard == ["down"]

    explore(scenario, schedules=20)


def test_members_that_a_pool_sends_away_handle_what_they_have() -> None:
    async def scenario(world: World) -> None:
        heard: list[object] = []
        crew = world.spawn(pool(props(Worker, heard), 3))
        await crew.started()
        for number in range(9):
            crew.tell(Said(number))
        crew.stop(drain=True)
        assert await crew.stopped() == Normal()
        assert sorted(map(str, heard)) == sorted(map(str, range(9)))
        assert not world.port.letters

    explore(scenario, schedules=50)


class Suicide(Actor[Said]):
    """Has itself killed in the last step of a handler that was suspended."""

    @on(Said)
    async def said(self, msg: Said) -> None:
        world = self.system
        assert isinstance(world, World)
        await world.sleep(1)
        world.kill(self.ref)

    initial = said


def test_a_handler_may_be_killed_in_its_last_step() -> None:
    async def scenario(world: World) -> None:
        one = world.spawn(Suicide)
        one.tell(Said(1))
        await one.stopped()

    explore(scenario, schedules=20)


# -- what is shown of a failure --------------------------------------------------------------------


def test_a_failure_leads_to_the_line_of_the_scenario() -> None:
    async def scenario(world: World) -> None:
        await world.settle()
        raise ValueError("here")

    with pytest.raises(Counterexample) as caught:
        explore(scenario, schedules=1)
    cause = caught.value.__cause__
    assert isinstance(cause, ValueError)
    trace = cause.__traceback__
    assert trace is not None
    assert trace.tb_frame.f_code.co_name == "scenario"
    assert trace.tb_next is None


def test_what_pytest_fails_by_is_a_failure_with_a_chart() -> None:
    async def scenario(world: World) -> None:
        world.spawn(Worker, []).tell(Said(7))
        await world.settle()
        with pytest.raises(ValueError):
            await world.settle()

    with pytest.raises(Counterexample, match="DID NOT RAISE") as caught:
        explore(scenario, schedules=1)
    assert "Said(number=7)" in caught.value.chart


def test_what_pytest_skips_by_is_no_failure() -> None:
    async def scenario(world: World) -> None:
        pytest.skip("not here")

    with pytest.raises(pytest.skip.Exception):
        explore(scenario, schedules=1)


# -- probes ----------------------------------------------------------------------------------------


class Failing(Actor[Ask | Said]):
    def __init__(self, other: ActorRef[Ask]) -> None:
        self.other = other

    @on(Ask)
    async def ask(self, msg: Ask) -> int:
        return 2 * await self.other.ask(msg)

    @on(Said)
    def said(self, msg: Said) -> None:
        raise ValueError("as told")

    initial = ask | said


def test_probes_expect_answer_and_see_ends_letters_and_events_in_a_world() -> None:
    async def scenario(world: World) -> None:
        probe = TestProbe[Ask](world)
        letters, events = TestProbe.dead_letters(world), TestProbe.events(world)
        actor = world.spawn(Failing, probe.ref)
        probe.watch(actor)
        answers: list[int] = []

        async def client() -> None:
            answers.append(await actor.ask(Ask(4)))

        async def test() -> None:
            assert (await probe.expect_message(Ask)).number == 4
            probe.reply(21)
            await world.sleep(100)
            await probe.expect_none(within=3600)
            with pytest.raises(AssertionError, match=r"nothing came|before came"):
                await probe.expect_message(within=60)
            actor.tell(Said(1))
            await probe.expect_down(actor)
            letter = await letters.expect_message()
            assert (letter.message, letter.reason) == (Said(1), "failed")
            crash: Crashed = await events.fish(Crashed)
            assert crash.ref == actor

        await world.gather(client(), test())
        assert answers == [42]

    explore(scenario, schedules=30)

"""Partitions and lossy links hold replies as they hold messages; what passes is said."""

from __future__ import annotations

import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorStopped,
    AskTimeout,
    Down,
    Later,
    Message,
    ReplyTo,
    Request,
    on,
    props,
)
from airssys_rt.core.ref import AnyRef
from airssys_rt.errors import Counterexample
from airssys_rt.testing import World, explore, replay
from tests.testing.players import Add, Counter, Get, Note, Notes


class Ask(Request[int]):
    """A question that is answered later."""


class Answer(Message):
    number: int


class Desk(Actor[Ask | Answer]):
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.due: list[ReplyTo[int]] = []

    @on(Ask)
    def ask(self, msg: Ask) -> int | Later:
        reply = self.defer(msg)
        self.due.append(reply)
        return reply

    @on(Answer)
    def answer(self, msg: Answer) -> None:
        self.due.pop(0).reply(msg.number)

    initial = ask | answer


def split(world: World, ref: AnyRef) -> None:
    world.group_of("here", "scenario", "client-1", "client-2")
    world.group_of("there", ref)
    world.partition("here", "there")


def test_a_reply_that_is_due_in_a_partition_comes_when_it_heals() -> None:
    async def scenario(world: World) -> None:
        desk = world.spawn(Desk)
        answers: list[int] = []

        async def asker() -> None:
            answers.append(await desk.ask(Ask(), timeout=None))

        async def other() -> None:
            await world.sleep(1.0)
            world.group_of("here", "client-1")
            world.group_of("there", desk)
            world.partition("here", "there")
            desk.tell(Answer(7))
            await world.sleep(100.0)
            assert world.state(desk).due == []
            assert answers == []
            world.heal()
            await world.settle()
            assert answers == [7]

        await world.gather(asker(), other())

    explore(scenario, schedules=30)


class Cutter(Actor[Get]):
    """Is cut off while it answers."""

    @on(Get)
    def get(self, msg: Get) -> int:
        world = self.system
        assert isinstance(world, World)
        split(world, self.ref)
        return 7

    initial = get


@pytest.mark.parametrize("healed", [4.0, 6.0])
def test_the_deadline_of_an_ask_goes_on_while_its_reply_is_held(healed: float) -> None:
    async def scenario(world: World) -> None:
        cutter = world.spawn(Cutter)
        outcome: list[int] = []
        start = world.now

        async def asker() -> None:
            try:
                outcome.append(await cutter.ask(Get(), timeout=5.0))
            except AskTimeout:
                assert world.now == start + 5.0

        async def other() -> None:
            await world.sleep(healed)
            assert world.net.held or healed > 5.0
            world.heal()

        await world.gather(asker(), other())
        assert outcome == ([7] if healed < 5.0 else [])
        assert world.scheduler.late_replies == (0 if healed < 5.0 else 1)

    explore(scenario, schedules=30)


def test_a_reply_on_its_way_is_held_as_well() -> None:
    async def scenario(world: World) -> None:
        counter = world.spawn(Counter)
        await world.settle()

        def cut() -> None:
            if not world.net.was_parted and any(task.reply for task in world.net.tasks):
                split(world, counter)

        world.always(cut)
        start = world.now

        async def asker() -> None:
            assert await counter.ask(Get(), timeout=None) == 0
            assert world.now == start + 9.0

        async def other() -> None:
            await world.sleep(9.0)
            world.heal()

        await world.gather(asker(), other())

    explore(scenario, schedules=30)


def test_what_was_held_arrives_in_the_order_of_its_channel() -> None:
    async def scenario(world: World) -> None:
        notes = world.spawn(Notes)
        await world.settle()
        world.group_of("a", "scenario")
        world.group_of("b", notes)
        notes.tell(Note("1"))
        world.partition("a", "b")  # it is on its way
        for text in "23":
            notes.tell(Note(text))
        await world.sleep(1.0)
        assert world.state(notes).texts == []
        world.heal()
        notes.tell(Note("4"))
        await world.settle()
        assert world.state(notes).texts == ["1", "2", "3", "4"]

    explore(scenario, schedules=50)


def test_replies_held_in_a_partition_come_in_the_order_in_which_they_were_given() -> None:
    async def scenario(world: World) -> None:
        desk = world.spawn(Desk)
        got: list[int] = []

        async def asker() -> None:
            got.append(await desk.ask(Ask(), timeout=None))

        async def other() -> None:
            await world.sleep(1.0)
            split(world, desk)
            desk.tell(Answer(1))
            desk.tell(Answer(2))
            await world.sleep(1.0)
            assert got == []
            world.heal()

        await world.gather(asker(), asker(), other())
        assert got == [1, 2]

    explore(scenario, schedules=1)


class Watcher(Actor[Down]):
    """Watches another one."""

    def __init__(self, other: ActorRef[Add | Get]) -> None:
        self.other = other
        self.downs = 0

    def pre_start(self) -> None:
        self.monitor(self.other)

    @on(Down)
    def down(self, msg: Down) -> None:
        self.downs += 1

    initial = down


def test_a_stop_passes_a_partition_and_a_down_does_not() -> None:
    async def scenario(world: World) -> None:
        counter = world.spawn(props(Counter).named("c"))
        watcher = world.spawn(Watcher, counter)
        await world.settle()
        world.group_of("a", watcher, "scenario")
        world.group_of("b", counter)
        world.partition("a", "b")
        counter.stop()
        await world.sleep(1.0)
        assert world.state(counter) is None
        assert world.state(watcher).downs == 0
        world.heal()
        await world.settle()
        assert world.state(watcher).downs == 1

    explore(scenario, schedules=30)


def test_an_actor_that_is_over_does_not_say_so_through_a_partition() -> None:
    async def scenario(world: World) -> None:
        counter = world.spawn(Counter)
        counter.stop()
        await world.settle()
        split(world, counter)
        start = world.now
        with pytest.raises(AskTimeout):
            await counter.ask(Get(), timeout=3.0)
        assert world.now == start + 3.0
        counter.tell(Add(1))
        await world.settle()
        assert not [one for one in world.port.letters if isinstance(one.message, Add)]
        world.heal()
        await world.settle()
        assert [one for one in world.port.letters if isinstance(one.message, Add)]
        with pytest.raises(ActorStopped):
            await counter.ask(Get())

    explore(scenario, schedules=30)


def test_a_partition_that_is_never_healed_breaks_no_law() -> None:
    async def scenario(world: World) -> None:
        counter = world.spawn(Counter)
        await world.settle()

        async def asker() -> None:
            with pytest.raises(AskTimeout):
                await counter.ask(Get(), timeout=1.0)

        split(world, counter)
        counter.tell(Add(1))
        await world.gather(asker())

    explore(scenario, schedules=30)


def test_a_lossy_link_loses_replies_as_well_and_the_request_was_handled() -> None:
    async def scenario(world: World) -> None:
        counter = world.spawn(props(Counter).named("counter"))
        await world.settle()
        world.lossy("counter", "scenario", drop=0.5, most=1)
        try:
            await counter.ask(Get(), timeout=1.0)
        except AskTimeout:
            raise AssertionError("lost") from None

    with pytest.raises(Counterexample, match="lost") as found:
        explore(scenario)
    assert "lost (injected)" in found.value.chart
    assert found.value.choices == 1
    with pytest.raises(Counterexample) as again:
        replay(scenario, found.value.token)
    assert again.value.chart == found.value.chart


def test_a_reply_is_late_on_a_lossy_link() -> None:
    times: set[bool] = set()

    async def scenario(world: World) -> None:
        counter = world.spawn(props(Counter).named("counter"))
        await world.settle()
        world.lossy("counter", "*", delay=0.5, seconds=2.0, most=1)
        start = world.now
        assert await counter.ask(Get(), timeout=5.0) == 0
        times.add(world.now > start)

    explore(scenario, schedules=50)
    assert times == {False, True}

"""`ActorKit`: the effects that take more than one call, and others that are not plain refs."""

from __future__ import annotations

from typing import TypeAlias

import pytest

from airssys_rt import Actor, ActorRef, Down, Failed, Message, Monitor, Name, Request, on, props
from airssys_rt import testing as tools
from airssys_rt.testing import (
    ActorKit,
    Asked,
    Became,
    Demonitored,
    ForeignAwait,
    Monitored,
    Sent,
    Spawned,
    Stashed,
    TimerCancelled,
    TimerSet,
    Unstashed,
    stand_in,
)
from tests.testing.accounts import Account, Deposit, Log, Other, OtherMsg, Price, Tick


class Work(Request[int]):
    item: str


class Ready(Message): ...


class Listen(Message):
    topic: str


class Watch(Message):
    ref: ActorRef[OtherMsg]


class Unwatch(Message): ...


class Silent(Message): ...


class Spawn(Message): ...


WaiterMsg: TypeAlias = Work | Ready | Listen | Watch | Unwatch | Silent | Spawn | Tick


class Waiter(Actor[WaiterMsg]):
    """Not ready at first: what it does not accept then is put aside."""

    unhandled = "stash"

    def __init__(self) -> None:
        self.seen: list[object] = []
        self.watching: Monitor | None = None

    def pre_start(self) -> None:
        self.become(self.starting)

    @on(Ready)
    def ready(self, msg: Ready) -> None:
        self.become(self.initial)

    @on(Work)
    def work(self, msg: Work) -> int:
        return len(msg.item)

    @on(Listen)
    def listen(self, msg: Listen) -> None:
        self.system.topic(Name[str](msg.topic)).publish("news")

    @on(Watch)
    def watch(self, msg: Watch) -> None:
        self.watching = self.monitor(msg.ref, via=self.note_down)

    def note_down(self, down: Down) -> WaiterMsg:
        return Tick(99)

    @on(Unwatch)
    def unwatch(self, msg: Unwatch) -> None:
        assert self.watching is not None
        self.demonitor(self.watching)

    @on(Silent)
    def silent(self, msg: Silent) -> None:
        self.receive_timeout(30, Tick(1))

    @on(Spawn)
    def spawn_supervised(self, msg: Spawn) -> None:
        child = self.spawn(props(Account, 1).named("kept").restart("permanent"))
        child.tell(Deposit(1))

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.seen.append((self.now(), msg.number))
        if msg.number == 1:
            self.receive_timeout(None)

    initial = ready | work | listen | watch | unwatch | silent | spawn_supervised | tick
    starting = ready


def waiter() -> ActorKit[Waiter]:
    kit = ActorKit(Waiter)
    kit.tell(Ready())
    return kit


def test_what_is_stashed_by_policy_comes_back_with_the_change_of_behaviour() -> None:
    kit = ActorKit(Waiter)
    assert kit.effects == [Became("starting")]
    reply = kit.begin(Work("tea"))
    kit.tell(Tick(2))
    assert kit.effects == [Stashed(Tick(2))]
    kit.tell(Ready())
    assert kit.effects == [Became("initial"), Unstashed(2)]
    assert reply.result() == 3
    assert kit.actor.seen == [(0.0, 2)]


def test_a_receive_timeout_is_a_timer_and_is_pushed_back_by_messages() -> None:
    kit = waiter()
    kit.tell(Silent())
    timer = TimerSet(30, Tick(1), "the receive timeout")
    assert kit.effects == [timer]
    assert kit.timers == [timer]
    kit.advance(20)
    kit.tell(Tick(2))
    kit.advance(29)
    assert kit.actor.seen == [(20.0, 2)]
    kit.advance(1)
    assert kit.actor.seen == [(20.0, 2), (50.0, 1)]
    assert kit.effects == [TimerCancelled(Tick(1), "the receive timeout")]


def test_a_monitor_that_ends_is_an_effect_and_one_that_is_made_of_via_arrives() -> None:
    kit = waiter()
    other = kit.stand_in("other", Other)
    kit.tell(Watch(other))
    kit.tell(Unwatch())
    assert kit.history[-2:] == [Monitored(other), Demonitored(other)]
    kit.tell(Watch(other))
    kit.end(other)
    assert kit.actor.seen == [(0.0, 99)]


def test_a_topic_reaches_the_stand_ins_that_subscribed() -> None:
    kit = waiter()
    other, plain = kit.stand_in("other", Other), kit.stand_in("plain", Other)
    topic = kit.system.topic(Name[str]("news"))
    topic.subscribe(other, via=Log)
    topic.subscribe(plain.through(Log))
    kit.tell(Listen("news"))
    assert kit.effects == [Sent(other, Log("news")), Sent(plain, Log("news"))]


class Adapting(Actor[Tick]):
    def __init__(self, other: ActorRef[OtherMsg]) -> None:
        self.other = other.through(lambda _: Price("adapted"))
        self.reply: object = None

    @on(Tick)
    async def tick(self, msg: Tick) -> None:
        self.reply = await self.other.ask(Price("plain"))

    initial = tick


def test_a_request_through_an_adapter_is_adapted() -> None:
    kit = ActorKit(Adapting, stand_in("other", Other))
    kit.answer_with(Price, lambda msg: len(msg.item))
    kit.tell(Tick())
    assert [type(effect) for effect in kit.effects] == [Asked]
    assert kit.actor.reply == len("adapted")


def test_a_child_that_is_restarted_keeps_its_stand_in() -> None:
    kit = waiter()
    kit.tell(Spawn())
    spawned, told = kit.effects
    (child,) = kit.children
    assert spawned == Spawned(Account, (1,), name="kept")
    assert told == Sent(child, Deposit(1))
    kit.end(child, ValueError("broken"))
    assert list(kit.children) == [child]
    child_ref: ActorRef[Deposit] = spawned.ref
    child_ref.tell(Deposit(2))
    kit.advance(0)
    assert kit.effects == [Sent(child, Deposit(2))]


class Clinging(Actor[Tick]):
    """Awaits something foreign, and again when that is closed."""

    @on(Tick)
    async def tick(self, msg: Tick) -> None:
        try:
            await Foreign()
        finally:
            await Foreign()

    initial = tick


class Foreign:
    def __await__(self):  # type: ignore[no-untyped-def]
        yield "something foreign"


def test_a_handler_that_clings_to_a_foreign_await_is_ended_all_the_same() -> None:
    kit = ActorKit(Clinging)
    with pytest.raises(ForeignAwait, match="awaits 'something foreign'") as caught:
        kit.tell(Tick())
    assert "test_kit_effects.py" in caught.value.where
    assert isinstance(kit.stopped, Failed)


def test_the_facade_has_the_names_that_it_lists() -> None:
    for name in tools.__all__:
        assert getattr(tools, name) is not None
    assert set(tools.__all__) <= set(dir(tools))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        tools.nonsense  # noqa: B018

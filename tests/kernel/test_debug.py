"""`debug=True`: what is not in the actor's union is an error where it is sent."""

from __future__ import annotations

from typing import Any

import pytest

from airssys_rt import Actor, ActorRef, ActorSystem, Message, NotAccepted, Request, on, props

pytestmark = pytest.mark.anyio


class Item(Message): ...


class Special(Item):
    """A subclass is another message: dispatch is by the exact class."""


class Get(Request[int]): ...


class Other(Message): ...


class OtherGet(Request[int]): ...


class Plain(Actor[Item | Get]):
    def __init__(self) -> None:
        self.count = 0

    @on(Item)
    def item(self, msg: Item) -> None:
        self.count += 1

    @on(Get)
    def get(self, msg: Get) -> int:
        return self.count

    @on(Get)
    def only_get(self, msg: Get) -> int:
        self.unbecome()
        return -1

    initial = item | get
    closed = only_get


@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize("how", ["tell", "send", "ask"])
async def test_a_message_that_is_no_member_raises_at_the_call(how: str, started: bool) -> None:
    async with ActorSystem(debug=True) as system:
        # Any: wrong on purpose
        ref: ActorRef[Any] = system.spawn(props(Plain).named("plain"))
        if started:
            await ref.started()
        with pytest.raises(NotAccepted, match="/plain"):
            if how == "tell":
                ref.tell(Other())
            elif how == "send":
                await ref.send(Special())
            else:
                await ref.ask(OtherGet())
        ref.tell(Item())
        assert await ref.ask(Get()) == 1
        assert system.snapshot().dead_letters == 0


async def test_a_member_that_the_behaviour_does_not_accept_now_is_no_error_at_the_call() -> None:
    class Closed(Plain):
        def pre_start(self) -> None:
            self.become(self.closed, push=True)

    async with ActorSystem(debug=True) as system:
        ref = system.spawn(Closed)
        ref.tell(Item())
        assert await ref.ask(Get()) == -1
        assert system.snapshot().dead_letters == 1


async def test_without_debug_it_is_a_dead_letter() -> None:
    async with ActorSystem() as system, system.dead_letters.stream() as letters:
        # Any: wrong on purpose
        ref: ActorRef[Any] = system.spawn(Plain)
        ref.tell(Other())
        assert (await anext(letters)).reason == "not_accepted"


async def test_an_adapter_takes_what_it_adapts() -> None:
    class Adapts(Plain):
        def __init__(self, out: list[ActorRef[str]]) -> None:
            super().__init__()
            out.append(self.adapter(lambda text: Item()))

    out: list[ActorRef[str]] = []
    async with ActorSystem(debug=True) as system:
        ref = system.spawn(Adapts, out)
        await ref.started()
        out[0].tell("text")
        assert await ref.ask(Get()) == 1


async def test_a_subscriber_that_cannot_take_an_event_does_not_fail_its_publisher() -> None:
    async with ActorSystem(debug=True) as system:
        # Any: wrong on purpose
        ref: ActorRef[Any] = system.spawn(Plain)
        await ref.started()
        system.events.subscribe(ref)
        other = system.spawn(Plain)
        await other.started()
        assert await other.ask(Get()) == 0
        assert await ref.ask(Get()) == 0
        assert system.snapshot().dead_letters >= 1

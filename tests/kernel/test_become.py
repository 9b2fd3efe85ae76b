"""become, unbecome and what an actor accepts in between."""

from __future__ import annotations

from typing import Literal

import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    Failed,
    HandlerFailed,
    IllegalTransition,
    Message,
    NotAccepted,
    Request,
    on,
)

pytestmark = pytest.mark.anyio


class Open(Message):
    push: bool = False


class Close(Message): ...


class Knock(Request[str]): ...


class Asynchronous(Request[str]): ...


class Door(Actor[Open | Close | Knock | Asynchronous]):
    """Closed at first; open it answers otherwise, locked it takes nothing but `Close`."""

    @on(Open)
    def open_up(self, msg: Open) -> None:
        self.become(self.opened, push=msg.push)

    @on(Close)
    def nothing(self, msg: Close) -> None: ...

    @on(Close)
    def close(self, msg: Close) -> None:
        self.unbecome()

    @on(Knock)
    def who(self, msg: Knock) -> str:
        return "who is there?"

    @on(Knock)
    def enter(self, msg: Knock) -> str:
        return "come in"

    @on(Open)
    def lock(self, msg: Open) -> None:
        self.become(self.locked, push=True)

    @on(Asynchronous)
    async def where(self, msg: Asynchronous) -> str:
        return "closed"

    @on(Asynchronous)
    async def where_now(self, msg: Asynchronous) -> str:
        return "open"

    initial = open_up | nothing | who | where
    opened = initial.replace(lock, close, enter, where_now)
    locked = close


async def test_become_takes_effect_from_the_next_message_on() -> None:
    async with ActorSystem() as system:
        door = system.spawn(Door)
        assert await door.ask(Knock()) == "who is there?"
        assert await door.ask(Asynchronous()) == "closed"
        door.tell(Open())
        assert await door.ask(Knock()) == "come in"
        assert await door.ask(Asynchronous()) == "open"


async def test_unbecome_goes_back_through_what_was_pushed() -> None:
    async with ActorSystem() as system:
        door = system.spawn(Door)
        door.tell(Open(push=True))
        door.tell(Open())  # pushes `locked`
        with pytest.raises(NotAccepted, match="behaviour locked"):
            await door.ask(Knock())
        door.tell(Close())
        assert await door.ask(Knock()) == "come in"
        door.tell(Close())
        assert await door.ask(Knock()) == "who is there?"


async def test_become_without_push_leaves_nothing_to_go_back_to() -> None:
    async with ActorSystem() as system:
        door = system.spawn(Door)
        door.tell(Open())
        door.tell(Close())
        reason = await door.stopped()
        assert isinstance(reason, Failed)
        assert isinstance(reason.cause, IllegalTransition)
        assert "unbecome" in str(reason.cause)


async def test_a_subset_behaviour_refuses_the_rest_and_says_what_it_accepts() -> None:
    async with ActorSystem() as system:
        door = system.spawn(Door)
        door.tell(Open(push=True))
        door.tell(Open())
        with pytest.raises(NotAccepted) as caught:
            await door.ask(Knock())
        text = str(caught.value)
        assert text.startswith("RT013")
        assert "/door-" in text
        assert "accepts Close" in text


class Swap(Request[list[str]]): ...


class Early(Actor[Swap]):
    """Changes its behaviour before it has begun."""

    def __init__(self, where: Literal["init", "start", "async"], push: bool) -> None:
        self.where = where
        self.push = push
        self.seen: list[str] = []
        if where == "init":
            self.become(self.later, push=push)

    async def pre_start(self) -> None:
        if self.where != "init":
            self.become(self.later, push=self.push)

    @on(Swap)
    def first(self, msg: Swap) -> list[str]:
        self.seen.append("initial")
        return self.seen

    @on(Swap)
    def second(self, msg: Swap) -> list[str]:
        self.seen.append("later")
        if self.push:
            self.unbecome()
        return self.seen

    initial = first
    later = second


@pytest.mark.parametrize("where", ["init", "start"])
async def test_become_works_before_the_first_message(where: Literal["init", "start"]) -> None:
    async with ActorSystem() as system:
        plain = system.spawn(Early, where, False)
        assert await plain.ask(Swap()) == ["later"]
        assert await plain.ask(Swap()) == ["later", "later"]
        pushed = system.spawn(Early, where, True)
        assert await pushed.ask(Swap()) == ["later"]
        assert await pushed.ask(Swap()) == ["later", "initial"]


class Where(Request[str]): ...


class Base(Actor[Where]):
    @on(Where)
    def where(self, msg: Where) -> str:
        return "base"

    initial = where


class Sub(Base):
    @on(Where)
    def where(self, msg: Where) -> str:
        return f"sub of {super().where(msg)}"


async def test_an_override_runs_and_reaches_the_base_with_super() -> None:
    async with ActorSystem() as system:
        ref: ActorRef[Where] = system.spawn(Sub)
        assert await ref.ask(Where()) == "sub of base"


class Failing(Actor[Where]):
    @on(Where)
    def where(self, msg: Where) -> str:
        self.become(self.other)
        raise RuntimeError("after become")

    @on(Where)
    def elsewhere(self, msg: Where) -> str:
        return "elsewhere"

    initial = where
    other = elsewhere


async def test_a_handler_that_fails_after_become_fails_the_actor() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Failing)
        with pytest.raises(HandlerFailed):
            await ref.ask(Where())
        assert isinstance(await ref.stopped(), Failed)

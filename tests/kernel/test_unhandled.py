"""A message outside the behaviour goes the way that the class says; and `next`."""

from __future__ import annotations

from typing import Literal

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorSystem,
    Failed,
    HandlerFailed,
    MailboxFull,
    Message,
    NotAccepted,
    Request,
    on,
)

pytestmark = pytest.mark.anyio


class Item(Message):
    number: int


class Open(Message): ...


class Seen(Request[list[int]]): ...


class Get(Request[int]):
    number: int = 0


class Ready(Message): ...


class Policy(Actor[Item | Ready | Seen | Get]):
    """Accepts items only when it is ready; `unhandled` is given by its subclasses."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    @on(Item)
    def item(self, msg: Item) -> None:
        self.seen.append(msg.number)

    @on(Get)
    def get(self, msg: Get) -> int:
        return msg.number

    @on(Ready)
    def ready(self, msg: Ready) -> None:
        self.become(self.initial)

    @on(Seen)
    def seen_so_far(self, msg: Seen) -> list[int]:
        return self.seen

    initial = item | get | ready | seen_so_far
    waiting = ready | seen_so_far

    def pre_start(self) -> None:
        self.become(self.waiting)


class Postpones(Policy):
    unhandled = "stash"
    stash_capacity = 3


class Fails(Policy):
    unhandled = "fail"


async def test_a_message_outside_the_behaviour_becomes_a_dead_letter_by_default() -> None:
    async with ActorSystem() as system:
        actor = system.spawn(Policy)
        async with system.dead_letters.stream() as letters:
            actor.tell(Item(1))
            with pytest.raises(NotAccepted):
                await actor.ask(Get())
            actor.tell(Ready())
            actor.tell(Item(2))
            assert await actor.ask(Seen()) == [2]
            found = [await anext(letters) for _ in range(2)]
        assert [(le.message, le.reason) for le in found] == [
            (Item(1), "not_accepted"),
            (Get(), "not_accepted"),
        ]


async def test_a_message_outside_the_behaviour_is_retried_after_a_change_of_it() -> None:
    async with ActorSystem() as system:
        actor = system.spawn(Postpones)
        actor.tell(Item(1))
        actor.tell(Item(2))
        actor.tell(Ready())
        actor.tell(Item(3))
        assert await actor.ask(Seen()) == [1, 2, 3]
        assert system.snapshot().dead_letters == 0


async def test_a_request_outside_the_behaviour_is_answered_after_a_change_of_it() -> None:
    async with ActorSystem() as system:
        actor = system.spawn(Postpones)
        async with anyio.create_task_group() as tasks:

            async def ask() -> None:
                assert await actor.ask(Get(7)) == 7

            tasks.start_soon(ask)
            await anyio.lowlevel.checkpoint()
            actor.tell(Ready())


async def test_the_bound_holds_for_what_the_policy_stashes_too() -> None:
    async with ActorSystem() as system:
        actor = system.spawn(Postpones)
        for number in range(3):
            actor.tell(Item(number))
        with pytest.raises(HandlerFailed) as caught:
            await actor.ask(Get())
        assert isinstance(caught.value.__cause__, MailboxFull)
        assert isinstance(await actor.stopped(), Failed)
        assert system.snapshot().dead_letters == 4


@pytest.mark.parametrize("how", ["tell", "ask"])
async def test_the_policy_fail_fails_the_actor(how: Literal["tell", "ask"]) -> None:
    async with ActorSystem() as system:
        actor = system.spawn(Fails)
        if how == "tell":
            actor.tell(Item(1))
        else:
            with pytest.raises(NotAccepted):
                await actor.ask(Get())
        reason = await actor.stopped()
        assert isinstance(reason, Failed)
        assert reason.error_type == "NotAccepted"


async def test_no_policy_keeps_what_is_not_in_the_union() -> None:
    async with ActorSystem() as system:
        for cls in (Postpones, Fails):
            actor = system.spawn(cls)
            actor.tell(Open())  # type: ignore[arg-type]
            actor.tell(Ready())
            assert await actor.ask(Seen()) == []
        assert system.snapshot().dead_letters == 2


class Again(Actor[Item | Seen]):
    """Calls `next` several times, from several handlers."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    @on(Item)
    def item(self, msg: Item) -> None:
        self.seen.append(msg.number)
        if msg.number == 1:
            self.next(Item(11))
            self.next(Item(12))
        if msg.number == 11:
            self.next(Item(111))
            self.tell_last()

    def tell_last(self) -> None:
        self.ref.tell(Item(99))

    @on(Seen)
    def seen_so_far(self, msg: Seen) -> list[int]:
        return self.seen

    initial = item | seen_so_far


async def test_next_goes_before_the_mailbox_in_the_order_of_its_calls() -> None:
    async with ActorSystem() as system:
        again = system.spawn(Again)
        again.tell(Item(1))
        again.tell(Item(2))
        await system.drain()
        assert await again.ask(Seen()) == [1, 11, 111, 12, 2, 99]


class Dying(Actor[Item]):
    @on(Item)
    def item(self, msg: Item) -> None:
        self.next(Item(2))
        if msg.number:
            raise RuntimeError("after next")
        self.stop()

    initial = item


@pytest.mark.parametrize(("number", "reason"), [(1, "failed"), (0, "stopped")])
async def test_what_next_put_before_the_mailbox_of_a_dying_actor_is_a_dead_letter(
    number: int, reason: str
) -> None:
    async with ActorSystem() as system:
        dying = system.spawn(Dying)
        async with system.dead_letters.stream() as letters:
            dying.tell(Item(number))
            await dying.stopped()
            if number:
                assert (await anext(letters)).message == Item(1)
            letter = await anext(letters)
            assert (letter.message, letter.reason) == (Item(2), reason)

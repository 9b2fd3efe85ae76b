"""Putting messages aside: by hand, by policy, and what happens to them at the end."""

from __future__ import annotations

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorStopped,
    ActorSystem,
    AskTimeout,
    DeadLetter,
    Failed,
    Later,
    MailboxFull,
    Message,
    Request,
    on,
)
from tests.virtual import VirtualClock, advance

pytestmark = pytest.mark.anyio


class Item(Message):
    number: int


class Open(Message): ...


class Close(Message): ...


class Flush(Request[int]): ...


class Seen(Request[list[int]]): ...


class Shop(Actor[Item | Open | Close | Flush | Seen]):
    """Closed, it puts items aside by hand; open, it takes them."""

    stash_capacity = 5

    def __init__(self) -> None:
        self.seen: list[int] = []

    @on(Item)
    def later(self, msg: Item) -> None:
        self.stash()

    @on(Item)
    async def take(self, msg: Item) -> None:
        await anyio.lowlevel.checkpoint()
        self.seen.append(msg.number)

    @on(Open)
    def open_up(self, msg: Open) -> None:
        self.become(self.opened)

    @on(Close)
    def close(self, msg: Close) -> None:
        self.become(self.initial)

    @on(Flush)
    def flush(self, msg: Flush) -> int:
        return self.unstash_all()

    @on(Seen)
    def seen_so_far(self, msg: Seen) -> list[int]:
        return self.seen

    initial = later | open_up | close | flush | seen_so_far
    opened = initial.replace(take)


async def test_what_was_stashed_by_hand_waits_for_unstash_all_and_keeps_its_order() -> None:
    async with ActorSystem() as system:
        shop = system.spawn(Shop)
        for number in (1, 2, 3):
            shop.tell(Item(number))
        shop.tell(Open())
        assert await shop.ask(Seen()) == []
        shop.tell(Item(4))
        assert await shop.ask(Flush()) == 3
        assert await shop.ask(Seen()) == [4, 1, 2, 3]
        assert await shop.ask(Flush()) == 0


async def test_unstashed_messages_come_before_the_mailbox() -> None:
    async with ActorSystem() as system:
        shop = system.spawn(Shop)
        shop.tell(Item(1))
        shop.tell(Item(2))
        shop.tell(Open())
        shop.tell(Flush())
        shop.tell(Item(3))
        assert await shop.ask(Seen()) == [1, 2, 3]


async def test_a_full_stash_fails_the_actor_and_loses_nothing() -> None:
    async with ActorSystem() as system:
        shop = system.spawn(Shop)
        async with system.dead_letters.stream() as letters:
            for number in range(6):
                shop.tell(Item(number))
            reason = await shop.stopped()
            assert isinstance(reason, Failed)
            assert isinstance(reason.cause, MailboxFull)
            found = [await anext(letters) for _ in range(6)]
        numbers = [letter.message.number for letter in found if isinstance(letter.message, Item)]
        assert sorted(numbers) == list(range(6))
        assert {letter.reason for letter in found} == {"failed"}


class Get(Request[int]):
    number: int = 0


class Set(Message):
    value: int


class Lazy(Actor[Get | Set]):
    """Answers when it has a value; a request until then is put aside."""

    def __init__(self) -> None:
        self.value: int | None = None

    @on(Get)
    def get(self, msg: Get) -> int | Later:
        if self.value is None:
            return self.stash()
        return self.value + msg.number

    @on(Set)
    def set_it(self, msg: Set) -> None:
        self.value = msg.value
        self.unstash_all()

    initial = get | set_it


async def test_a_request_that_was_stashed_is_answered_when_it_comes_back() -> None:
    found: list[int] = []

    async with ActorSystem() as system:
        lazy = system.spawn(Lazy)

        async def ask(number: int) -> None:
            found.append(await lazy.ask(Get(number)))

        async with anyio.create_task_group() as tasks:
            for number in range(3):
                tasks.start_soon(ask, number)
            await anyio.lowlevel.checkpoint()
            assert found == []
            lazy.tell(Set(10))
    assert sorted(found) == [10, 11, 12]


async def test_a_request_that_is_still_stashed_at_the_end_fails_its_asker() -> None:
    async with ActorSystem() as system:
        lazy = system.spawn(Lazy)
        async with anyio.create_task_group() as tasks:

            async def ask() -> None:
                with pytest.raises(ActorStopped):
                    await lazy.ask(Get())

            tasks.start_soon(ask)
            await anyio.lowlevel.checkpoint()
            lazy.stop()
        assert system.snapshot().dead_letters == 1


async def test_a_request_that_expires_in_the_stash_is_not_handled() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        lazy = system.spawn(Lazy)
        async with system.dead_letters.stream() as letters, anyio.create_task_group() as tasks:

            async def ask() -> None:
                with pytest.raises(AskTimeout):
                    await lazy.ask(Get(), timeout=2)

            tasks.start_soon(ask)
            await advance(system, clock, 1)
            await advance(system, clock, 1)
            lazy.tell(Set(1))
            assert await lazy.ask(Get()) == 1
            letter: DeadLetter = await anext(letters)
            assert (letter.message, letter.reason) == (Get(), "expired")

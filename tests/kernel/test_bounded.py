"""Bounded mailboxes: what happens when they are full, and what their bound does not touch."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

from airssys_rt import (
    ActorSystem,
    BadArgument,
    Bounded,
    MailboxFull,
    props,
)
from tests.kernel.boxes import Act, Get, Hold, Item, Overflow, Slow, held, letters_of
from tests.virtual import VirtualClock, turns

pytestmark = pytest.mark.anyio


async def test_reject_raises_at_the_sender_and_keeps_what_is_there() -> None:
    seen: list[object] = []
    async with ActorSystem() as system:
        ref, gate = await held(system, 2, "reject", seen)
        ref.tell(Item(1))
        ref.tell(Item(2))
        with pytest.raises(MailboxFull, match=r"RT017.*full \(2 messages\)"):
            ref.tell(Item(3))
        with pytest.raises(MailboxFull):
            await ref.ask(Get(4))
        gate.set()
        await system.drain()
        assert seen == [1, 2]
        ref.tell(Item(5))
        ref.tell(Item(6))
        await system.drain()
        assert seen == [1, 2, 5, 6]
        assert system.snapshot().dead_letters == 0


async def test_drop_newest_makes_the_new_message_a_dead_letter() -> None:
    seen: list[object] = []
    async with ActorSystem() as system:
        ref, gate = await held(system, 2, "drop_newest", seen)
        async with system.dead_letters.stream() as stream:
            for number in range(4):
                ref.tell(Item(number))
            found = await letters_of(system, stream, 2)
        assert found == [(Item(2), "overflow"), (Item(3), "overflow")]
        gate.set()
        await system.drain()
        assert seen == [0, 1]


async def test_drop_oldest_makes_the_oldest_message_a_dead_letter() -> None:
    seen: list[object] = []
    async with ActorSystem() as system:
        ref, gate = await held(system, 2, "drop_oldest", seen)
        async with system.dead_letters.stream() as stream:
            for number in range(4):
                ref.tell(Item(number))
            found = await letters_of(system, stream, 2)
        assert found == [(Item(0), "overflow"), (Item(1), "overflow")]
        gate.set()
        await system.drain()
        assert seen == [2, 3]


@pytest.mark.parametrize("overflow", ["drop_newest", "drop_oldest"])
async def test_a_request_that_is_dropped_fails_its_asker_at_once_with_the_reason(
    overflow: Overflow,
) -> None:
    seen: list[object] = []
    async with ActorSystem() as system:
        ref, gate = await held(system, 1, overflow, seen)
        if overflow == "drop_newest":
            ref.tell(Item(1))
            with pytest.raises(MailboxFull, match="full"):
                await ref.ask(Get(2))
        else:
            async with anyio.create_task_group() as tasks:

                async def ask() -> None:
                    with pytest.raises(MailboxFull, match="full"):
                        await ref.ask(Get(2))

                tasks.start_soon(ask)
                await turns()
                ref.tell(Item(1))
        gate.set()
        await system.drain()
        assert seen == [1]


@pytest.mark.parametrize("overflow", ["reject", "drop_newest", "drop_oldest"])
async def test_timer_pipe_and_down_messages_neither_count_nor_are_dropped(
    overflow: Overflow,
) -> None:
    clock = VirtualClock()
    seen: list[object] = []

    async def result() -> int:
        return 100

    def start(actor: Slow) -> None:
        actor.after(1, Item(10))
        actor.pipe(result(), Item, lambda error: Item(-1))
        actor.monitor(actor.spawn(Slow, []))
        actor.stop_child = actor.spawn(Slow, [])  # type: ignore[attr-defined]
        actor.monitor(actor.stop_child)  # type: ignore[attr-defined]
        actor.stop_child.stop()  # type: ignore[attr-defined]

    async with ActorSystem(clock=clock) as system:
        gate = anyio.Event()
        ref = system.spawn(props(Slow, seen).mailbox(Bounded(2, overflow=overflow)))
        ref.tell(Act(start))
        ref.tell(Hold(gate))
        await turns()
        ref.tell(Item(1))
        ref.tell(Item(2))
        clock.jump(1)
        await turns(30)
        if overflow == "reject":
            with pytest.raises(MailboxFull):
                ref.tell(Item(3))
        else:
            ref.tell(Item(3))
        gate.set()
        await system.drain()
        told = [entry for entry in seen if entry in {1, 2, 3}]
        assert told == {"reject": [1, 2], "drop_newest": [1, 2], "drop_oldest": [2, 3]}[overflow]
        assert sorted(map(str, set(seen) - {1, 2, 3})) == ["10", "100", "down"]
        # and the count is right again
        ref.tell(Item(4))
        ref.tell(Item(5))
        await system.drain()
        assert seen[-2:] == [4, 5]


async def test_stash_and_next_neither_count_nor_break_the_count() -> None:
    seen: list[object] = []

    def close(actor: Slow) -> None:
        actor.become(actor.closed)

    def reopen(actor: Slow) -> None:
        actor.become(actor.initial)
        actor.unstash_all()
        actor.next(Item(100))

    async with ActorSystem() as system:
        ref, gate = await held(system, 2, "reject", seen)
        gate.set()
        await system.drain()
        ref.tell(Act(close))
        await system.drain()
        for number in range(6):
            ref.tell(Item(number))
            await system.drain()
        assert seen == []
        ref.tell(Act(reopen))
        ref.tell(Item(6))
        with pytest.raises(MailboxFull):
            ref.tell(Item(7))
        await system.drain()
        assert seen == [100, 0, 1, 2, 3, 4, 5, 6]
        ref.tell(Item(8))
        ref.tell(Item(9))
        with pytest.raises(MailboxFull):
            ref.tell(Item(10))


@pytest.mark.parametrize("capacity", [0, -1])
def test_a_mailbox_must_hold_something(capacity: int) -> None:
    with pytest.raises(BadArgument, match="RT002"):
        Bounded(capacity)


def test_an_unknown_overflow_policy_is_an_error() -> None:
    with pytest.raises(BadArgument, match="'drop'"):
        Bounded(1, overflow="drop")  # type: ignore[arg-type]

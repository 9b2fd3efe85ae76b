"""State timeouts, which a change of behaviour ends; receive timeouts, which messages put off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio.lowlevel
import pytest

from airssys_rt import Actor, ActorSystem, BadArgument, Message, Request, on
from tests.virtual import VirtualClock, advance

pytestmark = pytest.mark.anyio


class Late(Message):
    number: int


class Work(Message): ...


class Act(Request[object]):
    do: Callable[[Any], Any]


class Seen(Request[list[int]]): ...


class Worker(Actor[Late | Work | Act | Seen]):
    def __init__(self, receive: float | None = None) -> None:
        self.seen: list[int] = []
        if receive is not None:
            self.receive_timeout(receive, Late(0))

    @on(Late)
    def late(self, msg: Late) -> None:
        self.seen.append(msg.number)

    @on(Work)
    def work(self, msg: Work) -> None: ...

    @on(Work)
    async def slow_work(self, msg: Work) -> None: ...

    @on(Act)
    def act(self, msg: Act) -> object:
        return msg.do(self)

    @on(Seen)
    def seen_so_far(self, msg: Seen) -> list[int]:
        return self.seen

    initial = late | work | act | seen_so_far
    slow = initial.replace(slow_work)


async def seen(ref: Any, system: ActorSystem) -> list[int]:
    """Ask nothing: that would be a message."""
    await system.drain()
    found: list[int] = ref._cell.actor.seen
    return found


async def test_a_state_timeout_arrives_when_the_behaviour_stays() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Worker)
        await ref.ask(Act(lambda a: a.state_timeout(2, Late(1))))
        await advance(system, clock, 1)
        ref.tell(Work())
        assert await ref.ask(Seen()) == []
        await advance(system, clock, 1)
        assert await ref.ask(Seen()) == [1]
        await advance(system, clock, 5)
        assert await ref.ask(Seen()) == [1]


@pytest.mark.parametrize("change", ["become", "push", "unbecome", "same", "none"])
async def test_any_change_of_behaviour_ends_the_state_timeout(change: str) -> None:
    def start(actor: Worker) -> None:
        actor.become(actor.slow, push=True)
        actor.state_timeout(1, Late(1))

    def go(actor: Worker) -> None:
        if change == "unbecome":
            actor.unbecome()
        elif change == "none":
            actor.state_timeout(None)
        else:
            target = actor.slow if change == "same" else actor.initial
            actor.become(target, push=change == "push")

    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Worker)
        await ref.ask(Act(start))
        await ref.ask(Act(go))
        await advance(system, clock, 2)
        assert await ref.ask(Seen()) == []


async def test_a_second_state_timeout_replaces_the_first() -> None:
    def start(actor: Worker) -> None:
        actor.state_timeout(1, Late(1))
        actor.state_timeout(2, Late(2))

    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Worker)
        await ref.ask(Act(start))
        await advance(system, clock, 1)
        assert await ref.ask(Seen()) == []
        await advance(system, clock, 1)
        assert await ref.ask(Seen()) == [2]


async def test_a_state_timeout_set_after_become_holds_for_the_new_behaviour() -> None:
    def start(actor: Worker) -> None:
        actor.state_timeout(1, Late(1))
        actor.become(actor.slow)
        actor.state_timeout(1, Late(2))

    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Worker)
        await ref.ask(Act(start))
        await advance(system, clock, 1)
        assert await ref.ask(Seen()) == [2]


async def test_a_state_timeout_that_is_queued_is_void_after_a_change_of_behaviour() -> None:
    clock = VirtualClock()

    async def late(actor: Worker) -> None:
        actor.state_timeout(1, Late(1))
        clock.jump(1)
        for _ in range(20):
            await anyio.lowlevel.checkpoint()
        actor.become(actor.slow)

    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Worker)
        await ref.ask(Act(late))
        assert await ref.ask(Seen()) == []


async def test_a_receive_timeout_arrives_again_and_again_while_no_message_does() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Worker, 2)
        await ref.started()
        for wanted in (0, 1, 1, 2, 2, 3):
            await advance(system, clock, 1)
            assert len(await seen(ref, system)) == wanted


@pytest.mark.parametrize("slow", [False, True])
async def test_each_message_puts_the_receive_timeout_off(slow: bool) -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Worker, 2)
        if slow:
            await ref.ask(Act(lambda a: a.become(a.slow)))
        for _ in range(4):
            await advance(system, clock, 1.5)
            ref.tell(Work())
        await advance(system, clock, 1.5)
        assert await seen(ref, system) == []
        await advance(system, clock, 0.5)
        assert await seen(ref, system) == [0]


async def test_an_ask_puts_the_receive_timeout_off_too() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Worker, 2)
        for _ in range(4):
            await advance(system, clock, 1.5)
            assert await ref.ask(Seen()) == []


async def test_a_receive_timeout_can_be_ended_and_replaced() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Worker, 2)
        await ref.ask(Act(lambda a: a.receive_timeout(1, Late(9))))
        await advance(system, clock, 1)
        assert await seen(ref, system) == [9]
        await ref.ask(Act(lambda a: a.receive_timeout(None)))
        await advance(system, clock, 10)
        assert await seen(ref, system) == [9]


async def test_a_bad_receive_timeout_leaves_the_present_one() -> None:
    def wrong(actor: Worker) -> None:
        with pytest.raises(BadArgument):
            actor.receive_timeout(0, Late(9))

    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Worker, 2)
        await ref.ask(Act(wrong))
        await advance(system, clock, 2)
        assert await seen(ref, system) == [0]


async def test_a_receive_timeout_that_a_message_overtook_is_void() -> None:
    clock = VirtualClock()

    async def late(actor: Worker) -> None:
        actor.ref.tell(Work())
        clock.jump(2)  # due while this handler runs, but behind the message
        for _ in range(20):
            await anyio.lowlevel.checkpoint()

    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Worker, 2)
        await ref.ask(Act(late))
        assert await seen(ref, system) == []


async def test_no_timeout_arrives_after_the_end() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Worker, 2)
        await ref.ask(Act(lambda a: a.state_timeout(1, Late(1))))
        ref.stop()
        await ref.stopped()
        await advance(system, clock, 5)
        assert system.snapshot().dead_letters == 0


async def test_a_tick_that_waits_when_its_actor_stops_is_no_dead_letter() -> None:
    clock = VirtualClock()

    async def late(actor: Worker) -> None:
        actor.every(1, Late(1))
        clock.jump(1)
        for _ in range(20):
            await anyio.lowlevel.checkpoint()
        actor.stop()

    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Worker, 1)
        await ref.ask(Act(late))
        await ref.stopped()
        assert system.snapshot().dead_letters == 0

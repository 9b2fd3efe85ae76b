"""A breaker fails fast while an actor keeps failing its askers."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorStopped,
    ActorSystem,
    AskCycle,
    AskTimeout,
    BadArgument,
    Bounded,
    CircuitChanged,
    CircuitOpen,
    HandlerFailed,
    MailboxFull,
    NotAccepted,
    Refused,
    breaker,
    on,
    props,
)
from tests.naming.guarded import Get, Guarded, Note, Pass, Server, ServerMsg
from tests.virtual import VirtualClock, advance, turns

pytestmark = pytest.mark.anyio


async def fail(ref: Guarded, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(HandlerFailed):
            await ref.ask(Get("fail"))


async def test_so_many_failures_in_a_row_open_it_and_the_actor_is_asked_no_more() -> None:
    async with ActorSystem(clock=VirtualClock()) as system:
        server = system.spawn(props(Server).named("server"))
        guarded = breaker(server, failures=3, reset_after=10)
        await fail(guarded, 2)
        assert await guarded.ask(Get()) == 3  # one that is answered: not in a row
        await fail(guarded, 3)
        with pytest.raises(CircuitOpen, match=r"RT021 the circuit to /server is open") as caught:
            await guarded.ask(Get())
        assert "next trial is in 10 s" in caught.value.why
        with pytest.raises(CircuitOpen):
            await guarded.send(Note())
        assert await server.ask(Get()) == 7  # who does not go through it is not held up


async def test_a_trial_closes_it_again_or_opens_it_for_as_long_again() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system, system.events.stream() as events:
        guarded = breaker(system.spawn(props(Server).named("server")), failures=1, reset_after=10)
        await fail(guarded)
        await advance(system, clock, 9.9)
        with pytest.raises(CircuitOpen):
            await guarded.ask(Get())
        await advance(system, clock, 0.1)
        await fail(guarded)
        await advance(system, clock, 9.9)
        with pytest.raises(CircuitOpen):
            await guarded.ask(Get())
        await advance(system, clock, 0.1)
        assert await guarded.ask(Get()) == 3
        assert await guarded.ask(Get()) == 4
        found: list[CircuitChanged] = []
        async for event in events:
            if isinstance(event, CircuitChanged):
                found.append(event)
            if len(found) == 5:
                break
        assert [event.state for event in found] == [
            *("open", "half_open", "open", "half_open", "closed"),
        ]
        assert {event.path for event in found} == {"/server"}
        assert found[0].ref == guarded


async def test_one_trial_at_a_time_and_a_cancelled_one_makes_room_for_another() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        guarded = breaker(system.spawn(Server), failures=1, reset_after=10)
        await fail(guarded)
        clock.jump(10)
        async with anyio.create_task_group() as tasks:
            gate = anyio.Event()
            tasks.start_soon(guarded.ask, Get(gate=gate))
            await turns()
            with pytest.raises(CircuitOpen, match="a trial ask has not been answered yet"):
                await guarded.ask(Get())
            tasks.cancel_scope.cancel()
        gate.set()
        assert await guarded.ask(Get()) == 3
        assert await guarded.ask(Get()) == 4


async def test_cancelled_asks_do_not_count() -> None:
    async with ActorSystem(clock=VirtualClock()) as system:
        guarded = breaker(system.spawn(Server), failures=2)
        await fail(guarded)
        for _ in range(3):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(guarded.ask, Get("late"))
                await turns()
                tasks.cancel_scope.cancel()
        assert await guarded.ask(Get()) == 5
        await fail(guarded, 2)
        with pytest.raises(CircuitOpen):
            await guarded.ask(Get())


async def time_out(clock: VirtualClock, ref: Guarded) -> None:
    """Ask in vain."""

    async def ask() -> None:
        with pytest.raises(AskTimeout):
            await ref.ask(Get("late"), timeout=1)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask)
        await turns()
        clock.jump(1)


async def test_what_was_asked_before_it_opened_does_not_close_it() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        gate = anyio.Event()
        guarded = breaker(system.spawn(Server), failures=1, reset_after=10)
        answers: list[int] = []

        async def ask() -> None:
            answers.append(await guarded.ask(Get(gate=gate), timeout=None))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            await turns()
            await time_out(clock, guarded)
            gate.set()
        assert answers == [1]
        with pytest.raises(CircuitOpen):
            await guarded.ask(Get())


async def test_a_timeout_a_full_mailbox_and_an_actor_that_is_over_are_failures() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        server = system.spawn(props(Server).mailbox(Bounded(1)))
        gate = anyio.Event()
        await server.started()
        guarded = breaker(server, failures=3)
        await time_out(clock, guarded)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.ask, Get(gate=gate))
            await turns()
            server.tell(Note())
            with pytest.raises(MailboxFull):
                await guarded.ask(Get())
            gate.set()
        server.stop()
        await server.stopped()
        with pytest.raises(ActorStopped):
            await guarded.ask(Get())
        with pytest.raises(CircuitOpen):
            await guarded.ask(Get())


async def test_a_refusal_is_an_answer_and_the_askers_own_mistakes_say_nothing() -> None:
    async with ActorSystem(clock=VirtualClock()) as system:
        guarded = breaker(system.spawn(Server), failures=2)
        await fail(guarded)
        with pytest.raises(Refused):
            await guarded.ask(Get("refuse"))
        await fail(guarded)
        with pytest.raises(BadArgument):
            await guarded.ask(Get(), timeout=-1)
        # Any: wrong on purpose
        wrong: Any = Foreign()
        with pytest.raises(NotAccepted):
            await guarded.ask(wrong)
        await fail(guarded)
        with pytest.raises(CircuitOpen):
            await guarded.ask(Get())


class Foreign(Get): ...


async def test_what_is_told_to_an_open_one_is_a_dead_letter() -> None:
    async with ActorSystem(clock=VirtualClock()) as system, system.dead_letters.stream() as dead:
        seen: list[int] = []
        guarded = breaker(system.spawn(props(Server, seen).named("server")), failures=1)
        guarded.tell(Note(1))
        await guarded.send(Note(2))
        await fail(guarded)
        guarded.tell(Note(3))
        letter = await anext(dead)
        assert (letter.message, letter.path, letter.reason) == (Note(3), "/server", "overflow")
        guarded.tell_from_thread(Note(4))
        assert (await anext(dead)).message == Note(4)
        assert seen == [1, 2]


async def test_a_forwarded_request_passes_or_is_refused_to_its_asker() -> None:
    async with ActorSystem(clock=VirtualClock()) as system:
        guarded = breaker(system.spawn(Server), failures=1)
        front: Guarded = system.spawn(Server)
        assert await front.ask(Pass(guarded)) == 1
        await fail(guarded)
        with pytest.raises(CircuitOpen):
            await front.ask(Pass(guarded))
        assert await front.ask(Get()) == 1
        assert system.snapshot().dead_letters == 1


async def test_who_asks_in_a_loop_does_not_stop_the_event_loop() -> None:
    async with ActorSystem() as system:
        guarded = breaker(system.spawn(Server), failures=1)
        await fail(guarded)
        refused = 0
        with anyio.move_on_after(0.01):
            while True:
                try:
                    await guarded.ask(Get())
                except CircuitOpen:
                    refused += 1
        assert refused


class Selfish(Actor[ServerMsg]):
    """Asks itself through a breaker."""

    def __init__(self) -> None:
        self.guarded = breaker(self.ref, failures=1)

    @on(Get)
    async def get(self, msg: Get) -> int:
        try:
            return await self.guarded.ask(Get())
        except AskCycle:
            return -1

    @on(Note)
    def note(self, msg: Note) -> None: ...

    @on(Pass)
    def pass_on(self, msg: Pass) -> int:
        return 0

    initial = get | note | pass_on


async def test_a_cycle_of_waits_is_seen_through_it_and_does_not_open_it() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Selfish)
        assert await ref.ask(Get()) == -1
        assert await ref.ask(Get()) == -1


async def test_values_that_make_no_sense_are_refused() -> None:
    async with ActorSystem() as system:
        server = system.spawn(Server)
        half: Any = 1.5
        for failures in (0, -1, half):
            with pytest.raises(BadArgument):
                breaker(server, failures=failures)
        for seconds in (0, -1, float("nan")):
            with pytest.raises(BadArgument):
                breaker(server, reset_after=seconds)

"""No actor starves, whatever the others do; who was idle does not wait through a long queue.

The drawn programs flood the engine in every way at once: actors that always have another message,
that wake each other, timers that are always due, asks without end.  Time is counted in handled
messages, so that the test does not depend on the machine.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeAlias

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airssys_rt import Actor, ActorRef, ActorSystem, Bounded, Message, Request, on, props
from airssys_rt.kernel.credit import BATCH
from airssys_rt.kernel.runqueue import LONG
from tests.runtime.kit import engine
from tests.virtual import VirtualClock

pytestmark = pytest.mark.anyio


class Ledger:
    """How many messages were handled, and how long each actor went without."""

    def __init__(self, end: int) -> None:
        self.end = end
        self.count = 0
        self.last: dict[object, int] = {}
        self.gaps: dict[object, int] = {}

    def note(self, who: object) -> bool:
        """One more; whether to go on."""
        self.count += 1
        self.gaps[who] = max(self.gaps.get(who, 0), self.count - self.last.get(who, 0))
        self.last[who] = self.count
        return self.count < self.end


class Again(Message): ...


class Ask(Request[int]): ...


class Suspend(Request[int]): ...


Msg: TypeAlias = Again | Ask | Suspend


class Flood(Actor[Msg]):
    """Handles a message, and sends `fan` more: to itself, or to the next."""

    def __init__(self, ledger: Ledger, kind: str) -> None:
        self.ledger = ledger
        self.kind = kind
        self.following: ActorRef[Msg] = self.ref

    @on(Again)
    def again(self, msg: Again) -> None:
        if self.ledger.note(self.kind + self.ref.name):
            self.send()

    @on(Ask)
    def ask(self, msg: Ask) -> int:
        return self.ledger.count

    @on(Suspend)
    async def suspend(self, msg: Suspend) -> int:
        return self.ledger.count

    def send(self) -> None:
        if self.kind == "timer":
            self.after(0.5, Again())
        else:
            self.following.tell(Again())

    initial = again | ask | suspend


@settings(max_examples=8)
@given(
    busy=st.integers(1, 40),
    backlog=st.integers(1, 2 * BATCH),
    ring=st.integers(0, 20),
    timers=st.integers(0, 40),
    bounded=st.booleans(),
)
def test_every_actor_has_its_turn_within_a_bound(
    busy: int, backlog: int, ring: int, timers: int, bounded: bool
) -> None:
    actors = busy + ring + timers
    # the queue's cells each have a batch at most, and the lane has one batch of two
    bound = 2 * BATCH * (actors + 2) + busy * backlog
    ledger = Ledger(end=3 * bound)
    clock = VirtualClock()

    async def main() -> None:
        async with ActorSystem("fair", clock=clock, drain=60) as system:
            recipe = props(Flood, ledger, "busy")
            if bounded:
                recipe = recipe.mailbox(Bounded(10_000))
            crowd = [system.spawn(recipe) for _ in range(busy)]
            circle = [system.spawn(Flood, ledger, "ring") for _ in range(ring)]
            clocks = [system.spawn(Flood, ledger, "timer") for _ in range(timers)]
            await system.drain()
            for ref in crowd:
                for _ in range(backlog):
                    ref.tell(Again())
            for ref in circle:
                ref.tell(Again())
            for ref in clocks:
                ref.tell(Again())
            while ledger.count < ledger.end:
                clock.jump(1.0)  # every timer is due whenever anybody looks
                if circle:
                    await circle[-1].ask(Ask())
                await anyio.sleep(0)
            assert await system.drain()

    anyio.run(main)
    expected = busy + ring  # timers end with the clock, which only moves while the others run
    flooding = [who for who in ledger.gaps if not str(who).startswith("timer")]
    assert len(flooding) == expected
    assert max(ledger.gaps[who] for who in flooding) <= bound


@pytest.mark.parametrize("kind", ["told", "bounded"])
@pytest.mark.parametrize("what", [Ask, Suspend])
async def test_an_ask_of_an_idle_actor_does_not_wait_through_the_queue(
    what: type[Ask] | type[Suspend], kind: str
) -> None:
    many = 40 * LONG
    ledger = Ledger(end=many * BATCH)
    async with ActorSystem("fair", drain=60) as system:
        recipe = props(Flood, ledger, "idle")
        idle = system.spawn(recipe.mailbox(Bounded(5)) if kind == "bounded" else recipe)
        crowd = [system.spawn(Flood, ledger, "busy") for _ in range(many)]
        await system.drain()
        for ref in crowd:
            ref.tell(Again())
        engine(system).slice = 0.000_001  # a batch is a slice: the loop has its turn after each
        before = ledger.count
        assert await idle.ask(what()) - before <= 4 * BATCH
        ledger.end = 0


class Sleeper(Flood):
    """Its handler is not over when it is first run."""

    @on(Suspend)
    async def suspend(self, msg: Suspend) -> int:
        await anyio.sleep(0)
        return self.ledger.count

    initial = Flood.again | Flood.ask | suspend


async def test_an_ask_that_came_while_another_was_suspended_does_not_wait_either() -> None:
    many = 40 * LONG
    ledger = Ledger(end=many * BATCH)
    async with ActorSystem("fair", drain=60) as system:
        idle = system.spawn(Sleeper, ledger, "idle")
        crowd = [system.spawn(Flood, ledger, "busy") for _ in range(many)]
        await system.drain()
        for ref in crowd:
            ref.tell(Again())
        engine(system).slice = 0.000_001
        before, answers = ledger.count, list[int]()

        async def ask() -> None:
            answers.append(await idle.ask(Suspend()))

        async with anyio.create_task_group() as asking:
            asking.start_soon(ask)
            asking.start_soon(ask)
        assert max(answers) - before <= 4 * BATCH < many
        ledger.end = 0


async def test_a_timer_does_not_wait_through_the_queue_either() -> None:
    many = 40 * LONG
    ledger = Ledger(end=many * BATCH)
    clock = VirtualClock()
    async with ActorSystem("fair", drain=60, clock=clock) as system:
        timer = system.spawn(Flood, ledger, "timer")
        timer.tell(Again())
        crowd = [system.spawn(Flood, ledger, "busy") for _ in range(many)]
        await system.drain()
        for ref in crowd:
            ref.tell(Again())
        engine(system).slice = 0.000_001
        clock.jump(1.0)
        fired = ledger.last["timer" + timer.name]
        before = ledger.count
        while ledger.last["timer" + timer.name] == fired and ledger.count < ledger.end:
            await anyio.sleep(0)
        assert ledger.last["timer" + timer.name] - before <= 8 * BATCH
        ledger.end = 0


class Wrapped(Actor[Again]):
    """Its handler looks sync, puts something into its own mailbox, and returns a coroutine."""

    def __init__(self, seen: list[str]) -> None:
        self.seen = seen

    async def rest(self) -> None:
        self.seen.append("rest")

    @on(Again)
    def again(self, msg: Again) -> Coroutine[Any, Any, None]:
        self.ref.stop()
        return self.rest()

    def post_stop(self, reason: object) -> None:
        self.seen.append("stopped")

    initial = again


async def test_a_handler_that_returns_a_coroutine_may_have_hastened_its_own_actor() -> None:
    ledger = Ledger(1_000)
    seen: list[str] = []
    async with ActorSystem() as system:
        crowd = [system.spawn(Flood, ledger, "crowd") for _ in range(2 * LONG)]
        wrapped = system.spawn(Wrapped, seen)
        await system.drain()
        for ref in crowd:
            ref.tell(Again())
        wrapped.tell(Again())
        await system.drain()
        assert seen == ["rest", "stopped"]
        assert not system.snapshot().dead_letters

"""A system has so many actors, and so many messages wait in it, and no more."""

from __future__ import annotations

from typing import Any, Literal

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    BadArgument,
    Bounded,
    DeadLetter,
    LifecycleEvent,
    MailboxFull,
    Message,
    Name,
    Overloaded,
    Relieved,
    TooManyActors,
    on,
    props,
)
from tests.kernel.boxes import Act, BoxMsg, Get, Hold, Item, Slow
from tests.runtime.kit import engine
from tests.virtual import VirtualClock, advance, turns

anyio_test = pytest.mark.anyio

SLOW: Name[Item] = Name[Item]("slow")


def queued(system: ActorSystem) -> int:
    limits = engine(system).limits
    assert limits is not None
    return limits.queued


async def busy(
    system: ActorSystem, seen: list[object], bound: Bounded | None = None
) -> tuple[ActorRef[BoxMsg], anyio.Event]:
    """An actor that is busy until the event is set."""
    gate = anyio.Event()
    recipe = props(Slow, seen)
    ref = system.spawn(recipe if bound is None else recipe.mailbox(bound))
    ref.tell(Hold(gate))
    await turns()
    return ref, gate


def limit_events(found: list[LifecycleEvent]) -> list[LifecycleEvent]:
    return [event for event in found if isinstance(event, (Overloaded, Relieved))]


class Report(Message):
    """An event, from an adapter."""

    event: Any


class Reporter(Actor[Overloaded | Report]):
    def __init__(self, found: list[LifecycleEvent]) -> None:
        self.found = found

    @on(Overloaded)
    def overloaded(self, msg: Overloaded) -> None:
        self.found.append(msg)

    @on(Report)
    def report(self, msg: Report) -> None:
        self.found.append(msg.event)

    initial = overloaded | report


# -- actors -----------------------------------------------------------------------------------


@anyio_test
async def test_a_spawn_beyond_max_actors_is_an_error_and_makes_nothing() -> None:
    async with ActorSystem(max_actors=3) as system:
        refs = [system.spawn(Slow, []) for _ in range(2)]
        refs.append(system.spawn(props(Slow, []).named(SLOW)))
        for _ in range(2):
            with pytest.raises(TooManyActors, match=r"RT023 / spawns no more: .* 3 actors"):
                system.spawn(Slow, [])
        refs[2].stop()
        await refs[2].stopped()
        system.spawn(Slow, [])
        with pytest.raises(TooManyActors):
            system.spawn(props(Slow, []).named(SLOW))
        assert system.whereis(SLOW) is None
        assert system.snapshot().actors == 3
        assert system.snapshot().dead_letters == 0


@anyio_test
async def test_the_limit_holds_for_children_too_and_an_actor_may_catch_the_error() -> None:
    errors: list[TooManyActors] = []

    def spawn(actor: Any) -> None:
        try:
            actor.spawn(Slow, [])
        except TooManyActors as error:
            errors.append(error)

    async with ActorSystem(max_actors=2) as system:
        ref = system.spawn(props(Slow, []).named("parent"))
        ref.tell(Act(spawn))
        ref.tell(Act(spawn))
        await system.drain()
        assert [error.what for error in errors] == [
            "/parent spawns no more: the system has 2 actors"
        ]


@anyio_test
async def test_max_actors_is_reported_when_it_refuses_and_at_three_quarters() -> None:
    found: list[LifecycleEvent] = []
    async with ActorSystem(max_actors=9) as system:
        reporter = system.spawn(Reporter, found)
        system.events.subscribe(reporter, via=Report)
        refs: list[ActorRef[BoxMsg]] = []

        async def stop_one() -> None:
            ref = refs.pop()
            ref.stop()
            await ref.stopped()

        for _ in range(2):
            while len(refs) < 8:
                refs.append(system.spawn(Slow, []))
            for _ in range(5):
                with pytest.raises(TooManyActors):
                    system.spawn(Slow, [])
            await stop_one()
            refs.append(system.spawn(Slow, []))  # at the limit again, not beyond it
            for _ in range(3):
                await stop_one()
        await system.drain()
    assert (
        limit_events(found)
        == [
            Overloaded("/", "max_actors", 9),
            Relieved("/", "max_actors", 9),
        ]
        * 2
    )


# -- messages ---------------------------------------------------------------------------------


@anyio_test
async def test_beyond_max_queued_what_is_told_is_a_dead_letter_and_asks_and_sends_fail() -> None:
    async with ActorSystem(max_queued=3) as system, system.dead_letters.stream() as dead:
        seen: list[object] = []
        one, first = await busy(system, seen)
        two, second = await busy(system, seen)
        one.tell(Item(1))
        one.tell(Item(2))
        two.tell(Item(3))
        two.tell(Item(4))
        with pytest.raises(MailboxFull, match="the system is full"):
            await one.ask(Get(5))
        with pytest.raises(MailboxFull, match=r"ActorSystem\(max_queued=3\)"):
            await two.send(Item(6))
        idle = system.spawn(Slow, seen)
        idle.tell(Item(7))
        letters: list[DeadLetter] = [await anext(dead) for _ in range(3)]
        assert [(letter.message, letter.reason) for letter in letters] == [
            (Item(4), "overflow"),
            (Get(5), "overflow"),
            (Item(7), "overflow"),
        ]
        first.set()
        second.set()
        await system.drain()
        assert sorted(map(str, seen)) == ["1", "2", "3"]
        assert queued(system) == 0
        assert await idle.ask(Get(8)) == 8


@anyio_test
async def test_orders_timers_and_signals_do_not_count() -> None:
    clock = VirtualClock()
    async with ActorSystem(max_queued=1, clock=clock) as system:
        seen: list[object] = []
        ref = system.spawn(Slow, seen)
        ref.tell(Act(lambda actor: [actor.after(1, Item(n)) for n in range(3)]))
        await system.drain()
        gate = anyio.Event()
        ref.tell(Hold(gate))
        await turns()
        clock.jump(1)
        await turns()
        assert queued(system) == 0
        ref.tell(Item(9))
        assert queued(system) == 1
        ref.stop(drain=True)
        gate.set()
        await ref.stopped()
        assert seen == [0, 1, 2, 9]


@anyio_test
@pytest.mark.parametrize("overflow", ["reject", "drop_newest", "drop_oldest"])
async def test_a_bound_of_an_actors_own_still_holds(
    overflow: Literal["reject", "drop_newest", "drop_oldest"],
) -> None:
    async with ActorSystem(max_queued=10) as system:
        seen: list[object] = []
        refused: list[str] = []
        ref, gate = await busy(system, seen, Bounded(2, overflow))
        for number in range(4):
            try:
                ref.tell(Item(number))
            except MailboxFull as error:
                refused.append(error.what)
        assert queued(system) == 2
        full = "the mailbox of /slow-1 is full (2 messages)"
        assert refused == ([full, full] if overflow == "reject" else [])
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ref.send, Item(9))
            await turns()
            assert queued(system) == 2
            gate.set()
        await system.drain()
        assert seen == ([2, 3, 9] if overflow == "drop_oldest" else [0, 1, 9])
        assert queued(system) == 0


@anyio_test
async def test_what_an_actor_leaves_behind_counts_no_more() -> None:
    async with ActorSystem(max_queued=3) as system:
        ref, gate = await busy(system, [])
        for number in range(3):
            ref.tell(Item(number))
        ref.stop()
        gate.set()
        await ref.stopped()
        assert queued(system) == 0
        assert system.snapshot().dead_letters == 3


@anyio_test
async def test_stashed_messages_do_not_count() -> None:
    async with ActorSystem(max_queued=2) as system:
        seen: list[object] = []
        ref = system.spawn(Slow, seen)
        await ref.started()
        ref.tell(Act(lambda actor: actor.become(actor.closed)))
        await system.drain()
        for number in range(6):
            ref.tell(Item(number))
            await system.drain()
        assert queued(system) == 0
        ref.tell(Act(lambda actor: [actor.become(actor.initial), actor.unstash_all()]))
        await system.drain()
        assert seen == [0, 1, 2, 3, 4, 5]
        assert queued(system) == 0


@anyio_test
async def test_max_queued_is_reported_once_also_to_an_actor_for_which_there_is_no_room() -> None:
    found: list[LifecycleEvent] = []
    async with ActorSystem(max_queued=4) as system:
        reporter = system.spawn(Reporter, found)
        system.events.subscribe(reporter, only=Overloaded)
        by_adapter: list[LifecycleEvent] = []
        listener = system.spawn(Reporter, by_adapter)
        system.events.subscribe(listener, via=Report)
        for _ in range(2):
            ref, gate = await busy(system, [])
            for number in range(20):
                ref.tell(Item(number))
            gate.set()
            await system.drain()
        assert found == [Overloaded("/", "max_queued", 4)] * 2
        assert (
            limit_events(by_adapter)
            == [
                Overloaded("/", "max_queued", 4),
                Relieved("/", "max_queued", 4),
            ]
            * 2
        )


@anyio_test
async def test_other_checks_go_on_in_a_limited_system() -> None:
    async with ActorSystem(max_queued=100, strict_wire=True, debug=True) as system:
        seen: list[object] = []
        ref = system.spawn(Slow, seen)
        assert await ref.ask(Get(1)) == 1
        ref.tell(Item(2))
        await system.drain()
        assert seen == [1, 2]


@anyio_test
async def test_an_unlimited_system_has_the_plain_mailboxes() -> None:
    async with ActorSystem(max_actors=5) as system:
        ref = system.spawn(Slow, [])
        await ref.started()
        await system.drain()
        assert engine(system).guarded is False
        assert (ref._cell.plain, ref._cell.box) == (True, None)
    async with ActorSystem() as system:
        assert engine(system).limits is None


@anyio_test
async def test_a_timer_to_a_full_system_still_arrives() -> None:
    clock = VirtualClock()
    async with ActorSystem(max_queued=1, clock=clock) as system:
        seen: list[object] = []
        ref = system.spawn(Slow, seen)
        ref.tell(Act(lambda actor: actor.after(1, Item(5))))
        await advance(system, clock, 1)
        assert seen == [5]


@pytest.mark.parametrize("most", [0, -1, 1.5])
def test_limits_that_make_no_sense_are_refused(most: Any) -> None:
    with pytest.raises(BadArgument, match="max_actors"):
        ActorSystem(max_actors=most)
    with pytest.raises(BadArgument, match="max_queued"):
        ActorSystem(max_queued=most)

"""A breaker or a limited ref is a ref: it serves wherever one does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    DeadLetter,
    Down,
    Name,
    Normal,
    Request,
    StartFailed,
    breaker,
    limited,
    on,
    props,
)
from tests.kernel.clocked import Act, Clocked, Seen, Tick
from tests.naming.guarded import Get, Guarded, Note, Server, ServerMsg
from tests.virtual import VirtualClock, advance

pytestmark = pytest.mark.anyio

# Any: refs of every protocol
Guard = Callable[[Any], Any]


def tight(ref: Any) -> Any:
    return limited(ref, rate=0.001, burst=1)


GUARDS: list[Guard] = [breaker, tight, lambda ref: limited(breaker(ref), rate=1, burst=1)]
guards = pytest.mark.parametrize("guard", GUARDS, ids=["breaker", "limited", "both"])

SERVER: Name[ServerMsg] = Name[ServerMsg]("server")


@guards
async def test_it_names_the_same_slot(guard: Guard) -> None:
    async with ActorSystem(clock=VirtualClock()) as system:
        server: Guarded = system.spawn(props(Server).named(SERVER))
        other: Guarded = system.spawn(Server)
        guarded: Guarded = guard(server)
        assert (guarded.path, guarded.name) == ("/server", "server")
        assert guarded == server == guarded == guard(system.ref(SERVER)) == guard(server)
        assert len({server, guarded, guard(guarded)}) == 1
        assert guarded != other != guarded
        assert repr(guarded) == "<ref /server>"
        await guarded.started()
        guarded.stop()
        assert await guarded.stopped() == Normal()
        assert guarded == server


@guards
async def test_around_an_adapter_it_equals_itself_only(guard: Guard) -> None:
    async with ActorSystem(clock=VirtualClock()) as system:
        ref = system.spawn(Clocked)
        adapter: Any = await ref.ask(Act(lambda a: a.adapter(lambda text: Tick(len(text)))))
        guarded = guard(adapter)
        guarded.tell("four")
        assert await ref.ask(Seen()) == [4]
        assert guarded == guarded  # noqa: PLR0124
        assert guarded != adapter != guarded
        assert guarded != guard(adapter)
        assert guarded != ref != guarded
        assert len({guarded, adapter, ref}) == 3


class Watch(Request[int]):
    ref: Any


class Watcher(Actor[Watch | Down]):
    def __init__(self, downs: list[Down]) -> None:
        self.downs = downs

    @on(Watch)
    def watch(self, msg: Watch) -> int:
        self.monitor(msg.ref)
        return 0

    @on(Down)
    def down(self, msg: Down) -> None:
        self.downs.append(msg)

    initial = watch | down


@guards
async def test_it_can_be_monitored(guard: Guard) -> None:
    async with ActorSystem(clock=VirtualClock()) as system:
        downs: list[Down] = []
        guarded: Guarded = guard(system.spawn(Server))
        await system.spawn(Watcher, downs).ask(Watch(guarded))
        guarded.stop(drain=True)
        await guarded.stopped()
        await system.drain()
        assert [down.ref == guarded for down in downs] == [True]


@guards
async def test_a_timers_message_passes_it_whatever_it_refuses(guard: Guard) -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref, other = system.spawn(Clocked), system.spawn(Clocked)
        guarded = guard(other)
        await ref.ask(Act(lambda a: [a.after(1, Tick(n), to=guarded) for n in range(3)] and None))
        await advance(system, clock, 1)
        assert await other.ask(Seen()) == [0, 1, 2]


@guards
async def test_a_topic_publishes_through_it(guard: Guard) -> None:
    async with ActorSystem(clock=VirtualClock()) as system:
        listener = system.spawn(Clocked)

        def note(letter: DeadLetter) -> Tick:
            assert isinstance(letter.message, Note)
            return Tick(letter.message.number)

        guarded: ActorRef[Tick] = guard(listener)
        system.dead_letters.subscribe(guarded, via=note)
        gone = system.ref(SERVER)
        gone.tell(Note(5))
        assert await listener.ask(Seen()) == [5]
        gone.tell(Note(6))
        expected = [5, 6] if guard is breaker else [5]
        assert await listener.ask(Seen()) == expected


@guards
async def test_it_follows_a_name_and_passes_on_what_goes_wrong(guard: Guard) -> None:
    class Never(Server):
        def pre_start(self) -> None:
            raise RuntimeError("no")

    async with ActorSystem(clock=VirtualClock()) as system:
        guarded: Guarded = guard(system.ref(SERVER))
        server: Guarded = system.spawn(props(Server).named(SERVER))
        assert await guarded.ask(Get()) == 1
        assert guarded == server
        with pytest.raises(StartFailed):
            await guard(system.spawn(Never)).started()


@guards
async def test_it_makes_the_trip_of_wire_mode(guard: Guard) -> None:
    async with ActorSystem(clock=VirtualClock(), strict_wire=True) as system:
        downs: list[Down] = []
        watcher = system.spawn(Watcher, downs)
        guarded: Guarded = guard(system.spawn(Server))
        await watcher.ask(Watch(guarded))
        assert await guarded.ask(Get()) == 1

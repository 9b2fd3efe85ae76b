"""Topics of one's own: `system.topic(NAME)`, published to by anybody in the system."""

from __future__ import annotations

from typing import Any, TypeAlias

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    Bounded,
    Message,
    Name,
    Request,
    Stream,
    Topic,
    on,
    props,
)
from tests.runtime.kit import collect
from tests.virtual import turns

pytestmark = pytest.mark.anyio


class Price(Message):
    cents: int


class Closed(Message): ...


class Seen(Request[list[object]]): ...


class Hold(Message):
    gate: Any


Event: TypeAlias = Price | Closed
PRICES = Name[Event]("prices")


class Trader(Actor[Price | Closed | Seen | Hold]):
    def __init__(self) -> None:
        self.seen: list[object] = []

    @on(Price)
    def price(self, msg: Price) -> None:
        self.seen.append(msg.cents)

    @on(Closed)
    def closed(self, msg: Closed) -> None:
        self.seen.append("closed")

    @on(Seen)
    def seen_so_far(self, msg: Seen) -> list[object]:
        return self.seen

    @on(Hold)
    async def hold(self, msg: Hold) -> None:
        await msg.gate.wait()

    initial = price | closed | seen_so_far | hold


async def test_the_same_name_is_the_same_topic_and_subscribers_get_what_is_published() -> None:
    async with ActorSystem() as system:
        prices = system.topic(PRICES)
        assert system.topic(Name[Event]("prices")) is prices
        assert prices.name == "prices"
        prices.publish(Price(0))  # to nobody
        trader = system.spawn(Trader)
        prices.subscribe(trader)
        prices.publish(Price(1))
        system.topic(PRICES).publish(Closed())
        prices.unsubscribe(trader)
        prices.publish(Price(2))
        assert await trader.ask(Seen()) == [1, "closed"]
        assert system.snapshot().dead_letters == 0


async def test_the_systems_own_topics_are_not_found_by_name() -> None:
    async with ActorSystem() as system:
        own = (system.events, system.dead_letters)
        for one in own:
            assert system.topic(Name[object](one.name)) not in own


async def test_an_actor_publishes_in_its_handler_and_subscribes_at_its_start() -> None:
    class Exchange(Actor[Price]):
        @on(Price)
        def price(self, msg: Price) -> None:
            self.system.topic(PRICES).publish(Price(msg.cents * 2))

        initial = price

    class Early(Trader):
        def pre_start(self) -> None:
            self.system.topic(PRICES).subscribe(self.ref)

    async with ActorSystem() as system:
        trader, exchange = system.spawn(Early), system.spawn(Exchange)
        await trader.started()
        exchange.tell(Price(3))
        await system.drain()
        assert await trader.ask(Seen()) == [6]


async def test_only_filters_by_class() -> None:
    async with ActorSystem() as system:
        trader = system.spawn(Trader)
        system.topic(PRICES).subscribe(trader, only=Closed)
        for event in (Price(1), Closed(), Price(2)):
            system.topic(PRICES).publish(event)
        assert await trader.ask(Seen()) == ["closed"]


async def test_via_makes_the_actors_own_messages() -> None:
    async with ActorSystem() as system:
        trader = system.spawn(Trader)
        texts: Topic[str] = system.topic(Name[str]("texts"))
        texts.subscribe(trader, via=lambda text: Price(len(text)))
        texts.publish("four")
        assert await trader.ask(Seen()) == [4]


async def test_only_and_via_go_together() -> None:
    async with ActorSystem() as system:
        # Any: the overloads have one or the other
        prices: Any = system.topic(PRICES)
        trader = system.spawn(Trader)
        prices.subscribe(trader, only=Price, via=lambda event: Price(-event.cents))
        prices.publish(Closed())
        prices.publish(Price(1))
        assert await trader.ask(Seen()) == [-1]


async def test_a_subscription_by_a_ref_to_a_name_is_one_of_the_actor() -> None:
    async with ActorSystem() as system:
        trader = system.spawn(Trader)
        holder = Name[Event]("trader")
        system.register(holder, trader)
        system.topic(PRICES).subscribe(system.ref(holder))
        system.unregister(holder)
        system.topic(PRICES).publish(Price(1))
        assert await trader.ask(Seen()) == [1]


async def test_a_subscription_ends_with_its_actor() -> None:
    async with ActorSystem() as system:
        prices, trader = system.topic(PRICES), system.spawn(Trader)
        prices.subscribe(trader)
        trader.stop()
        await trader.stopped()
        assert prices.subscribers == 0
        prices.publish(Price(1))
        prices.subscribe(trader)
        assert prices.subscribers == 0
        assert system.snapshot().dead_letters == 0


async def test_a_slow_subscriber_and_a_full_one_hurt_nobody_else() -> None:
    async with ActorSystem() as system:
        letters, gate = collect(system), anyio.Event()
        prices = system.topic(PRICES)
        slow = system.spawn(Trader)
        full = system.spawn(props(Trader).named("full").mailbox(Bounded(1)))
        quick = system.spawn(Trader)
        for held in (slow, full):
            held.tell(Hold(gate))
        await turns()
        for ref in (slow, full, quick):
            prices.subscribe(ref)
        for cents in range(3):
            prices.publish(Price(cents))
        assert await quick.ask(Seen()) == [0, 1, 2]
        gate.set()
        await system.drain()
        assert await slow.ask(Seen()) == [0, 1, 2]
        assert await full.ask(Seen()) == [0]
        assert [(one.message, one.path, one.reason) for one in letters] == [
            (Price(1), "/full", "overflow"),
            (Price(2), "/full", "overflow"),
        ]


async def test_what_debug_mode_refuses_hurts_nobody_else() -> None:
    class Narrow(Actor[Closed]):
        @on(Closed)
        def closed(self, msg: Closed) -> None: ...

        initial = closed

    async with ActorSystem(debug=True) as system:
        letters, prices = collect(system), system.topic(PRICES)
        # Any: wrong on purpose
        narrow: Any = system.spawn(Narrow)
        trader = system.spawn(Trader)
        prices.subscribe(narrow)
        prices.subscribe(trader)
        prices.publish(Price(1))
        assert await trader.ask(Seen()) == [1]
        assert [one.reason for one in letters] == ["not_accepted"]


@given(
    buffer=st.integers(1, 4),
    overflow=st.sampled_from(["drop_oldest", "drop_newest"]),
    program=st.lists(st.sampled_from(["publish", "publish", "take"]), max_size=30),
)
async def test_a_stream_is_a_bounded_list_and_counts_what_it_drops(
    buffer: int, overflow: Any, program: list[str]
) -> None:
    async with ActorSystem() as system:
        prices, held, dropped = system.topic(PRICES), list[Price](), 0
        async with prices.stream(buffer, overflow=overflow) as stream:
            for cents, what in enumerate(program):
                if what == "publish":
                    prices.publish(Price(cents))
                    held.append(Price(cents))
                    if len(held) > buffer:
                        dropped += 1
                        held.pop(0 if overflow == "drop_oldest" else -1)
                elif held:
                    assert await anext(stream) == held.pop(0)
                assert stream.dropped == dropped
            assert [await anext(stream) for _ in held] == held
        assert prices.subscribers == 0


async def test_two_streams_do_not_take_from_each_other() -> None:
    async with ActorSystem() as system:
        prices = system.topic(PRICES)
        async with prices.stream() as one, prices.stream(1) as other:
            for cents in range(3):
                prices.publish(Price(cents))
            assert [await anext(one) for _ in range(3)] == [Price(0), Price(1), Price(2)]
            assert await anext(other) == Price(2)
            assert (one.dropped, other.dropped) == (0, 2)


async def test_streams_of_a_topic_that_nobody_holds_go_on_and_end_with_the_system() -> None:
    found: list[object] = []

    async def read(stream: Stream[Event]) -> None:
        async with stream:
            async for event in stream:
                found.append(event)  # noqa: PERF401 - as they come

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks, ActorSystem() as system:
            tasks.start_soon(read, system.topic(PRICES).stream())
            await turns()
            system.topic(PRICES).publish(Price(1))
            await turns()
            assert found == [Price(1)]
            system.topic(PRICES).publish(Price(2))
    assert found == [Price(1), Price(2)]


async def test_a_ref_from_a_topics_event_is_as_good_as_any() -> None:
    class Offer(Message):
        to: ActorRef[Price]

    async with ActorSystem() as system:
        offers, trader = system.topic(Name[Offer]("offers")), system.spawn(Trader)
        async with offers.stream() as stream:
            offers.publish(Offer(trader))
            (await anext(stream)).to.tell(Price(9))
        assert await trader.ask(Seen()) == [9]

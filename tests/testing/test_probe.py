"""`TestProbe`: a test's own actor in a live system, on real and on virtual time."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeGuard

import anyio
import anyio.lowlevel
import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    AskTimeout,
    Crashed,
    DeadLetter,
    Ended,
    HandlerFailed,
    Message,
    Name,
    Normal,
    NotAccepted,
    Overloaded,
    Refused,
    Request,
    Started,
    TooManyActors,
    on,
)
from airssys_rt.testing import TestProbe, VirtualTime
from tests.testing.accounts import Account, Deposit, Log, Other, OtherMsg, Price

pytestmark = pytest.mark.anyio
OTHER = Name[OtherMsg]("other")


class Quote(Request[int]):
    item: str


class Note(Message):
    text: str


class Late(Message):
    seconds: float


SellerMsg: TypeAlias = Quote | Note | Late


class Seller(Actor[SellerMsg]):
    def __init__(self, other: ActorRef[OtherMsg]) -> None:
        self.other = other

    @on(Quote)
    async def quote(self, msg: Quote) -> int:
        return 2 * await self.other.ask(Price(msg.item))

    @on(Note)
    def note(self, msg: Note) -> None:
        if msg.text == "crash":
            raise ValueError("as told")
        self.other.tell(Log(msg.text))

    @on(Late)
    def late(self, msg: Late) -> None:
        self.after(msg.seconds, Log("late"), to=self.other)

    initial = quote | note | late


def is_log(msg: OtherMsg) -> TypeGuard[Log]:
    return isinstance(msg, Log)


def long(msg: OtherMsg) -> bool:
    return isinstance(msg, Log) and len(msg.text) > 3


async def test_messages_are_expected_by_class_predicate_and_in_order() -> None:
    async with ActorSystem() as system:
        probe = TestProbe[OtherMsg](system)
        seller = system.spawn(Seller, probe.ref)
        for text in ("one", "two", "three"):
            seller.tell(Note(text))
        first: Log = await probe.expect_message(Log)
        second: Log = await probe.expect_message(is_log)
        third: OtherMsg = await probe.expect_message(long)
        assert [first, second, third] == probe.received == [Log("one"), Log("two"), Log("three")]
        seller.tell(Note("four"))
        assert await probe.expect_message() == Log("four")


async def test_a_message_that_is_not_the_expected_one_fails() -> None:
    async with ActorSystem() as system:
        probe = TestProbe[OtherMsg](system)
        probe.ref.tell(Log("one"))
        with pytest.raises(AssertionError, match=r"expected Price, but got Log\(text='one'\)"):
            await probe.expect_message(Price)
        with pytest.raises(AssertionError, match=r"long within 0.001 s: before came \[Log"):
            await probe.expect_message(long, within=0.001)
        with pytest.raises(AssertionError, match="nothing came"):
            await TestProbe(system).expect_message(within=0.001)


async def test_silence_is_expected() -> None:
    async with ActorSystem() as system:
        probe = TestProbe[OtherMsg](system)
        await probe.expect_none(within=0.001)
        probe.ref.tell(Log("one"))
        with pytest.raises(AssertionError, match=r"no message for 0\.001 s, but got Log"):
            await probe.expect_none(within=0.001)


async def test_fishing_passes_over_what_does_not_fit() -> None:
    async with ActorSystem() as system:
        probe = TestProbe[OtherMsg](system)
        for text in ("one", "two", "three", "four"):
            probe.ref.tell(Log(text))
        assert await probe.fish(long) == Log("three")
        assert await probe.fish(Log) == Log("four")
        probe.ref.tell(Log("one"))
        with pytest.raises(AssertionError, match=r"fished for Price within 0.001 s and got \[Log"):
            await probe.fish(Price, within=0.001)


async def test_a_request_is_answered_when_the_test_says_so() -> None:
    async with ActorSystem() as system, anyio.create_task_group() as group:
        probe = TestProbe[OtherMsg](system)
        seller = system.spawn(Seller, probe.ref)
        replies: list[object] = []

        async def ask(item: str) -> None:
            try:
                replies.append(await seller.ask(Quote(item)))
            except (Refused, HandlerFailed) as error:
                replies.append(error)

        group.start_soon(ask, "tea")
        assert (await probe.expect_message(Price)).item == "tea"
        probe.reply(21)
        group.start_soon(ask, "milk")
        await probe.expect_message(Price)
        probe.fail(Refused("sold out"))
        while len(replies) < 2:
            await anyio.lowlevel.checkpoint()
        assert replies[0] == 42
        assert isinstance(replies[1], Refused)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_idle_probe_asked_inline_waits_for_the_reply(backend: Any) -> None:
    async def test() -> None:
        async with ActorSystem() as system:
            probe = TestProbe[OtherMsg](system)
            await probe.ref.started()
            with pytest.raises(AskTimeout):
                await probe.ref.ask(Price("tea"), timeout=60)
            assert await probe.expect_message() == Price("tea")

    VirtualTime().run(test, backend=backend)


async def test_there_must_be_a_request_to_answer() -> None:
    async with ActorSystem() as system:
        probe = TestProbe[OtherMsg](system)
        with pytest.raises(AssertionError, match="no request to answer"):
            probe.reply(1)
        probe.ref.tell(Log("one"))
        await probe.expect_message()
        with pytest.raises(AssertionError, match="told, not asked"):
            probe.reply(1)


async def test_answers_and_autopilots_reply_at_once() -> None:
    async with ActorSystem() as system:
        probe = TestProbe[OtherMsg](system)
        seller = system.spawn(Seller, probe.ref)
        probe.answer(Price, 3)
        assert await seller.ask(Quote("tea")) == 6
        probe.answer_with(Price, lambda msg: len(msg.item))
        assert await seller.ask(Quote("milk")) == 8
        other = TestProbe[OtherMsg](system)
        seen: list[OtherMsg] = []

        def pilot(msg: OtherMsg) -> object:
            seen.append(msg)
            return 5 if msg == Price("tea") else NotImplemented

        other.autopilot(pilot)
        assert await other.ref.ask(Price("tea")) == 5
        with pytest.raises(AskTimeout):
            await other.ref.ask(Price("milk"), timeout=0.2)
        assert seen == [Price("tea"), Price("milk")]
        assert other.received == seen
        other.autopilot(None)
        other.ref.tell(Log("unseen"))
        await other.fish(Log)
        assert len(seen) == 2


async def test_an_answer_that_raises_fails_the_asker_and_not_the_probe() -> None:
    async with ActorSystem() as system:
        probe = TestProbe[OtherMsg](system)

        def refuse(msg: Price) -> int:
            raise Refused("no")

        probe.answer_with(Price, refuse)
        with pytest.raises(Refused):
            await probe.ref.ask(Price("tea"))
        probe.ref.tell(Log("alive"))
        await probe.fish(Log)


async def test_the_end_of_a_watched_actor_is_expected() -> None:
    async with ActorSystem() as system:
        probe = TestProbe[Any](system)
        account = system.spawn(Account)
        probe.watch(account)
        account.stop()
        down = await probe.expect_down(account)
        assert down.reason == Normal()
        with pytest.raises(AssertionError, match="the end of /account"):
            await probe.expect_down(account, within=0.001)


async def test_dead_letters_are_expected() -> None:
    async with ActorSystem() as system:
        letters = TestProbe.dead_letters(system)
        account = system.spawn(Account)
        account.stop()
        await account.stopped()
        account.tell(Deposit(1))
        letter: DeadLetter = await letters.expect_message()
        assert (letter.message, letter.reason) == (Deposit(1), "stopped")


async def test_events_of_other_actors_are_expected(caplog: pytest.LogCaptureFixture) -> None:
    async with ActorSystem() as system:
        events = TestProbe.events(system)
        probe = TestProbe[OtherMsg](system)
        seller = system.spawn(Seller, probe.ref)
        seller.tell(Note("crash"))
        assert (await events.expect_message(Started)).ref == seller
        await events.expect_message(Crashed)
        await events.expect_message(Ended)


async def test_events_that_are_of_no_actor_are_expected_too() -> None:
    async with ActorSystem(max_actors=1) as system:
        events = TestProbe.events(system)
        with pytest.raises(TooManyActors):
            system.spawn(Account)
        assert (await events.expect_message(Overloaded)).limit == "max_actors"


async def test_an_answer_to_a_message_that_was_told_is_dropped() -> None:
    async with ActorSystem() as system:
        probe = TestProbe[OtherMsg](system)
        probe.answer(Price, 3)
        probe.ref.tell(Price("tea"))
        assert await probe.expect_message(Price) == Price("tea")
        assert repr(probe) == f"<TestProbe {probe.ref.path}: 0 messages>"


async def test_a_probe_has_a_name_and_can_be_found() -> None:
    async with ActorSystem() as system:
        probe = TestProbe[OtherMsg](system, OTHER)
        assert system.whereis(OTHER) == probe.ref
        system.ref(OTHER).tell(Log("found"))
        await probe.expect_message(Log)
        assert TestProbe(system, "plain").ref.path == "/plain"
        assert TestProbe(system).ref.name.startswith("probe-")
        probe.stop()
        assert await probe.ref.stopped() == Normal()
        assert system.whereis(OTHER) is None


async def test_debug_and_strict_wire_take_a_probe_as_any_actor() -> None:
    async with ActorSystem(debug=True, strict_wire=True) as system:
        probe = TestProbe[OtherMsg](system)
        seller = system.spawn(Seller, probe.ref)
        seller.tell(Note("one"))
        await probe.expect_message(Log)
        with pytest.raises(NotAccepted):
            seller.tell(Log("foreign"))  # type: ignore[arg-type]


async def test_a_cancelled_expectation_takes_no_message() -> None:
    async with ActorSystem() as system:
        probe = TestProbe[OtherMsg](system)
        with anyio.move_on_after(0.001):
            await probe.expect_message()
        probe.ref.tell(Log("one"))
        assert await probe.expect_message() == Log("one")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_expectations_obey_virtual_time(backend: Any) -> None:
    async def test() -> None:
        async with ActorSystem() as system:
            probe = TestProbe[OtherMsg](system)
            seller = system.spawn(Seller, probe.ref)
            seller.tell(Late(3600))
            await probe.expect_none(within=3599)
            await probe.expect_message(Log, within=2)
            begin = anyio.current_time()
            with pytest.raises(AssertionError):
                await probe.expect_message(Log, within=7200)
            assert anyio.current_time() - begin == pytest.approx(7200)

    VirtualTime().run(test, backend=backend)


async def test_it_is_no_test_of_its_own() -> None:
    assert TestProbe.__test__ is False
    assert Other is not None

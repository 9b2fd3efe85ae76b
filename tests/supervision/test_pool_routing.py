"""Routings of pools: who gets what, and the laws of the ring."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airssys_rt import (
    Actor,
    ActorSystem,
    AskCycle,
    Backoff,
    BadArgument,
    Bounded,
    HandlerFailed,
    Message,
    NotAccepted,
    consistent_hash,
    on,
    pool,
    props,
)
from airssys_rt.supervision.routing import Key, Ring
from tests.supervision.pools import Book, Crash, Job, Slow, Who, Worker, WorkerMsg, bury
from tests.virtual import VirtualClock, advance, turns

pytestmark = pytest.mark.anyio


def key_of(msg: WorkerMsg) -> str:
    if isinstance(msg, Crash):
        return "crash"
    if not isinstance(msg, Job | Who):
        raise ValueError("no key")
    return msg.key


KEYS = [f"user {n}" for n in range(2000)]


def owners(ring: Ring, size: int, keys: list[Any]) -> dict[Key, int]:
    ring.change(set(range(1, size + 1)))
    return {key: ring.owner(key) for key in keys}


# -- one after the other, the least loaded, any ----------------------------------------------------


async def test_round_robin_gives_each_member_the_same_number() -> None:
    book = Book()
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker, book), 3))
        for number in range(9):
            ref.tell(Job(number))
        await system.drain()
    assert book.by("worker-1") == [0, 3, 6]
    assert book.by("worker-2") == [1, 4, 7]
    assert book.by("worker-3") == [2, 5, 8]


async def test_the_least_loaded_is_who_has_least_queued_and_in_hand() -> None:
    book = Book()
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker, book).mailbox(Bounded(9)), 3, "least_loaded"))
        await ref.started()
        ref.tell(Slow(0))  # in hand at 1
        await turns()
        ref.tell(Slow(1))  # in hand at 2
        await turns()
        names = [await ref.ask(Who()) for _ in range(4)]
        assert names == ["worker-3"] * 4
        ref.tell(Slow(2))
        await turns()
        for number in range(3, 6):  # of equals the next one: one for each
            ref.tell(Job(number))
        book.gate.set()
        await system.drain()
        assert Counter(name for name, number in book.done if number > 2) == {
            "worker-1": 1,
            "worker-2": 1,
            "worker-3": 1,
        }
        assert {await ref.ask(Who()) for _ in range(3)} == {"worker-1", "worker-2", "worker-3"}


async def test_a_random_choice_is_fair() -> None:
    book = Book()
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker, book), 4, "random"))
        await ref.started()
        for number in range(2000):
            ref.tell(Job(number))
        await system.drain()
    counts = Counter(name for name, _ in book.done)
    assert len(counts) == 4
    assert min(counts.values()) > 350  # 500 expected; 150 less is 7 standard deviations


# -- to all ----------------------------------------------------------------------------------------


async def test_broadcast_gives_what_is_told_to_all() -> None:
    book = Book()
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker, book), 3, "broadcast"))
        ref.tell(Job(0))
        await ref.started()
        ref.tell(Job(1))
        await ref.send(Job(2))
        await system.drain()
    assert [book.by(f"worker-{n}") for n in (1, 2, 3)] == [[0, 1, 2]] * 3


async def test_a_broadcast_waits_for_a_member_that_is_down() -> None:
    book = Book()
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        worker = props(Worker, book).backoff(Backoff(first=10, jitter=0))
        ref = system.spawn(pool(worker, 2, "broadcast", intensity=9))
        ref.tell(Crash())
        await turns()
        ref.tell(Job(1))
        await turns()
        assert not book.done
        clock.jump(11)
        await advance(system, clock, 1)
        assert sorted(book.done) == [("worker-1", 1), ("worker-2", 1)]


async def test_a_broadcast_cannot_be_asked() -> None:
    book = Book()
    async with ActorSystem() as system:
        await bury(system, book)
        ref = system.spawn(pool(props(Worker, book), 2, "broadcast"))
        for _ in range(2):  # before and after it has started
            with pytest.raises(NotAccepted, match="to all its members"):
                await ref.ask(Who())
        await system.drain()
        assert [(letter.message, letter.reason) for letter in book.dead] == [
            (Who(), "not_accepted")
        ] * 2


async def test_a_member_without_room_misses_a_broadcast_and_the_others_do_not() -> None:
    book = Book()
    async with ActorSystem() as system:
        await bury(system, book)
        ref = system.spawn(pool(props(Worker, book).mailbox(Bounded(2)), 2, "broadcast"))
        await ref.started()
        ref.tell(Slow(0))
        await turns()
        for number in range(1, 4):
            ref.tell(Job(number))
        book.gate.set()
        await system.drain()
        assert [book.by(f"worker-{n}") for n in (1, 2)] == [[0, 1, 2]] * 2
        assert [(letter.path, letter.reason) for letter in book.dead] == [
            ("/pool-2/worker-1", "overflow"),
            ("/pool-2/worker-2", "overflow"),
        ]


# -- by key ----------------------------------------------------------------------------------------


async def test_messages_with_one_key_go_to_one_member() -> None:
    book = Book()
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker, book), 4, consistent_hash(key_of)))
        for number in range(400):
            ref.tell(Job(number, f"key {number % 40}"))
        owner = {f"key {n}": await ref.ask(Who(f"key {n}")) for n in range(40)}
        await system.drain()
    assert len(set(owner.values())) == 4
    for name, number in book.done:
        assert owner[f"key {number % 40}"] == name
    for name in set(owner.values()):  # and in their order
        assert book.by(name) == sorted(book.by(name))


async def test_a_key_waits_for_its_owner() -> None:
    book = Book()
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        worker = props(Worker, book).backoff(Backoff(first=10, jitter=0))
        ref = system.spawn(pool(worker, 4, consistent_hash(key_of)))
        owner = await ref.ask(Who("crash"))
        ref.tell(Crash())
        await turns()
        ref.tell(Job(1, "crash"))
        await turns()
        assert not book.done
        clock.jump(11)
        await advance(system, clock, 1)
        assert book.done == [(owner, 1)]


async def test_a_key_function_that_raises_fails_that_message_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    book = Book()
    async with ActorSystem() as system:
        await bury(system, book)
        ref = system.spawn(pool(props(Worker, book), 2, consistent_hash(key_of)))
        ref.tell(Slow(0))
        ref.tell(Job(1, "x"))
        await ref.started()
        ref.tell(Slow(2))
        await ref.send(Slow(3))
        await system.drain()
        assert book.numbers == [1]
        assert [(letter.message, letter.reason) for letter in book.dead] == [
            (Slow(0), "failed"),
            (Slow(2), "failed"),
            (Slow(3), "failed"),
        ]
        assert caplog.text.count("failed routing Slow") == 3
        wrong: Any = consistent_hash(lambda msg: 1.5)  # type: ignore[arg-type,return-value]
        other = system.spawn(pool(props(Worker, book), 2, wrong))
        with pytest.raises(HandlerFailed, match="could not route a Who") as caught:
            await other.ask(Who())
        assert isinstance(caught.value.__cause__, BadArgument)


async def test_a_member_that_asks_for_its_own_key_is_told_of_the_cycle() -> None:
    class Selfish(Actor[Who]):
        @on(Who)
        async def who(self, msg: Who) -> str:
            try:
                return str(await OWN["ref"].ask(msg))
            except AskCycle:
                return "cycle"

        initial = who

    # Any: a ref that the class cannot be given
    OWN: dict[str, Any] = {}
    async with ActorSystem() as system:
        OWN["ref"] = system.spawn(pool(props(Selfish), 3, consistent_hash(lambda msg: msg.key)))
        with anyio.fail_after(5):
            assert await OWN["ref"].ask(Who("a")) == "cycle"


async def test_the_key_of_an_adapted_message_is_that_of_what_it_becomes() -> None:
    class Tick(Message):
        key: str

    book = Book()
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker, book), 4, consistent_hash(key_of)))
        owner = await ref.ask(Who("abc"))
        system.events.subscribe(ref, via=lambda event: Job(7, "abc"))
        system.spawn(Worker)
        await system.drain()
        assert book.done
        assert set(book.done) == {(owner, 7)}
        plain = system.spawn(pool(props(Worker, book), 2))
        plain.through(lambda tick: Job(8, tick.key)).tell(Tick("x"))
        everyone = system.spawn(pool(props(Worker, book), 2, "broadcast"))
        everyone.through(lambda tick: Job(9, tick.key)).tell(Tick("x"))
        await system.drain()
        system.events.unsubscribe(ref)
        assert sorted(number for _, number in book.done if number > 7) == [8, 9, 9]


# -- the ring --------------------------------------------------------------------------------------


@given(st.integers(1, 12))
def test_a_ring_that_grows_moves_its_share_of_keys_and_only_to_the_new_owner(size: int) -> None:
    ring = Ring()
    before = owners(ring, size, KEYS)
    after = owners(ring, size + 1, KEYS)
    moved = [key for key in KEYS if before[key] != after[key]]
    assert {after[key] for key in moved} <= {size + 1}
    assert len(moved) < 1.6 * len(KEYS) / (size + 1)
    assert owners(ring, size, KEYS) == before  # and shrinking moves them back


@given(st.integers(2, 12))
def test_the_owners_of_a_ring_have_about_equal_shares(size: int) -> None:
    counts = Counter(owners(Ring(), size, KEYS).values())
    assert set(counts) == set(range(1, size + 1))
    assert max(counts.values()) < 1.6 * len(KEYS) / size
    assert min(counts.values()) > 0.5 * len(KEYS) / size


@given(st.sets(st.integers(1, 20), min_size=1, max_size=8), st.one_of(st.text(), st.binary()))
def test_who_owns_a_key_depends_on_the_owners_alone(members: set[int], key: Key) -> None:
    ring, other = Ring(), Ring()
    other.change({3, 30})
    ring.change(members)
    other.change(members)
    assert ring.owner(key) == other.owner(key)
    assert ring.owner(key) in members


def test_the_ring_is_the_same_in_every_process() -> None:
    program = (
        "from airssys_rt.supervision.routing import Ring\n"
        "ring = Ring()\n"
        "ring.change({1, 2, 3, 4, 5})\n"
        "print([ring.owner(key) for key in ('a', b'a', 97, -5, 'ü', '', '\\ud800')])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {"[5, 1, 4, 4, 3, 4, 3]\n"}


def test_a_key_that_is_no_key_is_refused() -> None:
    ring = Ring()
    ring.change({1})
    for key in (None, 1.5, ("a",)):
        with pytest.raises(BadArgument, match="the key of a message"):
            ring.owner(key)  # type: ignore[arg-type]

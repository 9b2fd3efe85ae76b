"""Pools of another size: new members start, old ones handle what they have."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorStopped,
    ActorSystem,
    AskCycle,
    AskTimeout,
    BadArgument,
    Bounded,
    Request,
    on,
    pool,
    props,
    resize,
)
from tests.supervision.pools import Book, Crash, Job, Slow, Who, Worker, WorkerMsg, bury, members
from tests.virtual import turns

pytestmark = pytest.mark.anyio


async def test_a_pool_grows_and_shrinks() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker), 2))
        await resize(ref, 4)
        assert members(system, ref) == ["worker-1", "worker-2", "worker-3", "worker-4"]
        assert {await ref.ask(Who()) for _ in range(4)} == set(members(system, ref))
        await resize(ref, 4)
        await resize(ref, 1)
        assert members(system, ref) == ["worker-1"]
        await resize(ref, 2)
        assert members(system, ref) == ["worker-1", "worker-2"]


async def test_a_member_that_is_taken_away_handles_what_it_has() -> None:
    book = Book()
    async with ActorSystem() as system:
        await bury(system, book)
        ref = system.spawn(pool(props(Worker, book), 3, intensity=9))
        await ref.started()
        for number in range(3):
            ref.tell(Slow(number))
        ref.tell(Job(3))
        ref.tell(Crash())  # to 2
        for number in range(4, 16):
            ref.tell(Job(number))
        async with anyio.create_task_group() as group:
            group.start_soon(resize, ref, 1)
            await turns()
            ref.tell(Job(16))
            assert len(members(system, ref)) == 3
            book.gate.set()
        assert members(system, ref) == ["worker-1"]
        await system.drain()
        assert book.numbers == list(range(17))
        assert (16 in book.by("worker-1"), len(book.dead)) == (True, 1)


async def test_a_member_that_is_wanted_again_stays() -> None:
    book = Book()
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker, book), 3))
        await ref.started()
        for number in range(3):
            ref.tell(Slow(number))
        await turns()
        async with anyio.create_task_group() as group:
            group.start_soon(resize, ref, 1)
            await turns()
            with anyio.fail_after(5):
                await resize(ref, 3)
        book.gate.set()
        await system.drain()
        picture = system.snapshot().tree[0].children
        assert [(child.path[-1], child.incarnation) for child in picture] == [
            ("1", 1),
            ("2", 1),
            ("3", 1),
        ]


async def test_a_member_that_has_not_started_is_taken_away_at_once() -> None:
    gate = anyio.Event()

    class Late(Worker):
        async def pre_start(self) -> None:
            if self.ref.name != "late-1":
                await gate.wait()

    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Late).shutdown("brutal_kill"), 1))
        await ref.started()
        async with anyio.create_task_group() as group:
            group.start_soon(resize, ref, 3)
            await turns()
            assert members(system, ref) == ["late-1", "late-2", "late-3"]
            assert await ref.ask(Who()) == "late-1"
            with anyio.fail_after(5):
                await resize(ref, 1)
        assert members(system, ref) == ["late-1"]


async def test_senders_that_wait_for_a_member_taken_away_wait_for_another() -> None:
    book = Book()
    async with ActorSystem() as system:
        await bury(system, book)
        ref = system.spawn(pool(props(Worker, book).mailbox(Bounded(1)), 2))
        await ref.started()
        for number in range(2):
            ref.tell(Slow(number))
        await turns()
        for number in range(2, 4):
            ref.tell(Job(number))
        async with anyio.create_task_group() as group:
            for number in range(4, 10):
                group.start_soon(ref.send, Job(number))
            await turns()
            group.start_soon(resize, ref, 1)
            await turns()
            book.gate.set()
        await system.drain()
        assert book.numbers == list(range(10))
        assert not book.dead


async def test_a_resize_that_takes_too_long_goes_on() -> None:
    book = Book()
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker, book), 2))
        await ref.started()
        for number in range(2):
            ref.tell(Slow(number))
        with pytest.raises(AskTimeout):
            await resize(ref, 1, timeout=0.005)
        book.gate.set()
        await system.drain()
        await turns()
        assert members(system, ref) == ["worker-1"]


async def test_a_member_that_waits_for_its_own_end_is_told_of_the_cycle() -> None:
    class Shrink(Request[str]):
        pass

    class Rash(Actor[Shrink]):
        @on(Shrink)
        async def shrink(self, msg: Shrink) -> str:
            try:
                await resize(OWN["ref"], 1, timeout=None)
            except AskCycle:
                return "cycle"
            return "done"

        initial = shrink

    # Any: a ref that the class cannot be given
    OWN: dict[str, Any] = {}
    async with ActorSystem() as system:
        OWN["ref"] = ref = system.spawn(pool(props(Rash), 2))
        with anyio.fail_after(5):
            assert await ref.ask(Shrink()) == "done"
            await resize(ref, 2)
            answers = sorted([await ref.ask(Shrink()), await ref.ask(Shrink())])
        assert answers == ["cycle", "done"]


async def test_a_pool_that_ends_answers_who_resizes_it() -> None:
    book = Book()
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker, book).shutdown("brutal_kill"), 2))
        await ref.started()
        for number in range(2):
            ref.tell(Slow(number))
        await turns()
        caught: list[Exception] = []

        async def shrink() -> None:
            try:
                await resize(ref, 1)
            except Exception as error:
                caught.append(error)

        async with anyio.create_task_group() as group:
            group.start_soon(shrink)
            await turns()
            ref.stop()
        assert len(caught) == 1
        with pytest.raises(ActorStopped):
            await resize(ref, 2)


async def test_what_cannot_be_resized_is_refused() -> None:
    # Any: wrong on purpose
    loose: Any = resize
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker), 2))
        for size in (0, -1, 2.5, None):
            with pytest.raises(BadArgument, match="members"):
                await loose(ref, size)
        with pytest.raises(BadArgument, match="is no pool"):
            await resize(system.spawn(Worker), 3)


async def test_the_order_to_leave_counts_against_no_bound_and_is_not_dropped() -> None:
    book = Book()
    refs: dict[str, ActorRef[WorkerMsg]] = {}

    class Known(Worker):
        def pre_start(self) -> None:
            refs[self.name] = self.ref

    async with ActorSystem() as system:
        await bury(system, book)
        recipe = props(Known, book).mailbox(Bounded(2, overflow="drop_oldest"))
        ref = system.spawn(pool(recipe, 2))
        await ref.started()
        for number in range(2):
            ref.tell(Slow(number))
        await turns()
        async with anyio.create_task_group() as group:
            group.start_soon(resize, ref, 1)
            await turns()
            for number in range(2, 6):  # from somebody who has the member's own ref
                refs["known-2"].tell(Job(number))
            book.gate.set()
        assert members(system, ref) == ["known-1"]
        await system.drain()
        assert sorted(letter.message.number for letter in book.dead) == [2, 3, 4, 5]  # type: ignore[attr-defined]
        assert {letter.reason for letter in book.dead} == {"overflow", "stopped"}
